from __future__ import annotations

from pathlib import Path

from benchmarks.chat.coming_back import come_back
from benchmarks.chat.stopping import ENDS, stop_with_open_streams
from tests.fakes import data_uri


def test_every_open_stream_of_a_stopped_server_has_its_end_and_no_turn_is_lost(
    tmp_path: Path,
) -> None:
    found = stop_with_open_streams(tmp_path, data_uri(), 12)
    assert [end.name in ENDS for end in found.ends] == [True] * 12
    assert all("stopping" in end.data for end in found.ends)
    assert found.open_turns == found.answered == 12


def test_readers_who_come_back_to_a_real_server_see_every_event_once(tmp_path: Path) -> None:
    count, wrong = come_back(tmp_path, data_uri(), 4, 40)
    assert count >= 40
    assert wrong == 0

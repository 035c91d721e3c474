from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.batch.rows import Problem, Result, failed
from app.scripts.junit import as_junit
from app.scripts.loading import read
from app.scripts.marked import BadScript
from app.scripts.playing import Played, faults_of
from app.scripts.script import Expectations, Step
from tests.end_to_end.servers import swath

# Ten lists of ten, ten times over: written out, 10 GB.
ANCHORS = "variables:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
ROOT = Path(__file__).parents[3]


def script(folder: Path, text: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(text)
    return path


def test_the_example_passes_and_is_reported_as_junit(tmp_path: Path) -> None:
    out = tmp_path / "junit.xml"
    done = swath(
        "run", str(ROOT / "examples" / "coast.yaml"), "--junit", str(out), data_dir=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 as expected" in done.stdout
    suite = ET.fromstring(out.read_text())  # noqa: S314 - our own
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "0", "0")


def test_what_is_not_as_expected_is_told_and_exits_1(tmp_path: Path) -> None:
    path = script(
        tmp_path,
        "image: ${where}\nturns:\n  - ask: How much of the image is water?\n"
        "    expect: {value: 90, within: 1, contains: [submarine]}\n",
    )
    done = swath(
        "run", str(path), "--set", f"where={ROOT}/examples/coast.tif", "--json", data_dir=tmp_path
    )
    assert done.returncode == 1, done.stderr
    (step,) = json.loads(done.stdout)
    assert [fault.split(",")[0] for fault in step["faults"]] == [
        "the answer does not contain 'submarine'",
        "the value is 38",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("turns: [", r"s\.yaml:1"),
        ("turns:\n  - ask: hi\n    expects: {}", r"s\.yaml:3: a turn has no `expects`"),
        ("turns:\n  - ask: hi\n    expect:\n      value: many", r"s\.yaml:4: `value`"),
        ("turns:\n  - ask: hi\n    expect: {task: dance}", r"s\.yaml:3: `task` is 'dance'"),
        ("turns:\n  - ask: ${nothing}", r"s\.yaml:2: no variable `nothing`"),
        ("turns:\n  - ask: hi\n    ask: ho", r"s\.yaml:3: `ask` is given twice"),
        ("turns:\n  - ask: hi\n    caption: ho", r"s\.yaml:2: a turn asks or describes"),
        ("turns:\n  - image: a.png", r"s\.yaml:1: no turn asks anything"),
        ("turns: 5", r"s\.yaml:1: a script has `turns`"),
        ("- 5", r"s\.yaml:1: a script is a mapping"),
        ("", r"s\.yaml:1: a script is a mapping"),
        ("turns:\n  - !!python/object/apply:os.system ['true']", r"s\.yaml:2"),
        ("turns:\n  - ask: hi\n    expect: {within: 5}", r"s\.yaml:3: `within` needs `value`"),
        ("turns:\n  - ask: hi\n    expect: {value: nan}", r"s\.yaml:3: `value` is 'nan'"),
        (
            "turns:\n  - ask: hi\n    expect: {contains: [a, {b: c}]}",
            r"s\.yaml:3: `contains` is no",
        ),
        ("variables: {a: [b]}\nturns: [{ask: hi}]", r"s\.yaml:1: `a` is no text"),
        (ANCHORS, r"s\.yaml:2: `a` is no text"),
        ("<<: {turns: [{ask: hi}]}", r"s\.yaml:1: a script has no `<<`"),
        ("a: &a [*a]", r"s\.yaml:1"),
        ("[" * 5000, r"s\.yaml: no YAML"),
    ],
)
def test_a_mistake_in_a_script_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadScript, match=f"^{said}"):
        read(script(tmp_path, text), {})


def test_words_stay_words(tmp_path: Path) -> None:
    text = """
variables: {who: yes, when: 12:30, both: "${who} ${when}"}
turns:
  - ask: ${both}
    image: null
    expect: {contains: [yes, 2019-06-02], equals: 1.50, value: 1e3}
  - caption: true
"""
    first, second = read(script(tmp_path, text), {}).steps
    assert (first.text, first.image) == ("yes 12:30", None)
    assert first.expect.contains == ("yes", "2019-06-02")
    assert (first.expect.equals, first.expect.value) == ("1.50", 1000)
    assert (second.kind, second.text) == ("caption", "")


def test_words_of_a_caption_are_wishes_for_it(tmp_path: Path) -> None:
    text = f"image: {ROOT}/examples/coast.tif\nturns:\n  - caption: two sentences\n"
    done = swath("run", str(script(tmp_path, text)), "--json", data_dir=tmp_path)
    (step,) = json.loads(done.stdout)
    assert (step["status"], step["task"]) == ("answered", "captioning")


def test_a_bad_script_is_bad_use(tmp_path: Path) -> None:
    done = swath("run", str(script(tmp_path, "turns: 5")), data_dir=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("swath: s.yaml:1:")


def test_every_expectation_is_checked() -> None:
    result = Result("answered", "About 46 % is water.", "vqa", "area")
    right = Expectations(
        1, ("WATER",), ("ship",), "about 46 % is water.", 45, 2, "vqa", "area", "answered", 10
    )
    assert list(faults_of(right, result, 5)) == []
    wrong = Expectations(1, ("ship",), ("water",), "no", 5, 2, "captioning", "yesno", "refused", 10)
    assert len(list(faults_of(wrong, result, 50))) == 8
    lost = failed(Problem("vision_timeout", "no answer in time"))
    assert list(faults_of(Expectations(), lost, 1)) == ["there is no answer: no answer in time"]
    assert list(faults_of(Expectations(status="failed"), lost, 1)) == []


def test_junit_holds_no_character_that_xml_cannot() -> None:
    words = "\x1b[31m\ufffe\ud800\x9b 卫星 \U0001f6f0"
    played = Played(Step(3, "ask", "a\x00b <&>"), Result("answered", words), ("not so",))
    suite = ET.fromstring(as_junit("n", "f.yaml", [played]))  # noqa: S314 - our own
    assert suite.get("failures") == "1"
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert (failure.get("type"), failure.text) == ("expectation", "[31m 卫星 \U0001f6f0")

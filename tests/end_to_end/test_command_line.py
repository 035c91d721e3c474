from __future__ import annotations

import io
import json
import re
import signal
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image
from rasterio.transform import Affine

from imagery import Limits
from imagery.store import ImageStore
from tests.end_to_end.servers import free_port, served, swath
from tests.fakes import encoded, noise_png, png
from tests.imagery.pictures import ramp, tiff


@pytest.fixture
def harbor(tmp_path: Path) -> Path:
    path = tmp_path / "harbor.png"
    path.write_bytes(png(64, 48))
    return path


def test_ask_answers_in_one_line_and_tells_how_it_knows(harbor: Path, tmp_path: Path) -> None:
    done = swath("ask", str(harbor), "What is the size of the image?", data_dir=tmp_path)
    assert done.returncode == 0, done.stderr
    answer, *facts = done.stdout.splitlines()
    assert "64" in answer
    assert any("engine measure" in line for line in facts)
    assert done.stderr == ""


def test_ask_as_json_has_the_promised_keys(harbor: Path, tmp_path: Path) -> None:
    done = swath("ask", str(harbor), "How much is water?", "--json", data_dir=tmp_path)
    turn = json.loads(done.stdout)
    assert {
        "thread_id", "turn_id", "task", "vqa_type", "engine", "content", "execution_log"
    } <= set(turn)  # fmt: skip
    assert (turn["task"], turn["vqa_type"], turn["engine"]) == ("vqa", "area", "measure")


def test_ask_without_a_question_describes_the_image(harbor: Path, tmp_path: Path) -> None:
    done = swath("ask", str(harbor), "--json", data_dir=tmp_path)
    assert json.loads(done.stdout)["task"] == "captioning"


def test_a_thread_goes_on_in_another_process(harbor: Path, tmp_path: Path) -> None:
    first = json.loads(swath("ask", str(harbor), "--json", data_dir=tmp_path).stdout)
    image = f"sha256:{first['image']['sha256']}"
    done = swath(
        "ask", image, "What is its size?", "--thread", first["thread_id"], "--json",
        data_dir=tmp_path,
    )  # fmt: skip
    assert json.loads(done.stdout)["thread_id"] == first["thread_id"]


def test_caption_describes_as_it_is_wished_and_says_where_it_cannot(
    harbor: Path, tmp_path: Path
) -> None:
    done = swath("caption", str(harbor), "two", "sentences", "--json", data_dir=tmp_path)
    turn = json.loads(done.stdout)
    assert (turn["task"], turn["status"]) == ("captioning", "answered")
    assert turn["answers"][0]["asked"] == "Describe this satellite image: two sentences"
    assert "need a vision-language model" in turn["detail"]["caveats"][-1]


def test_caption_takes_no_second_file_for_a_wish(harbor: Path, tmp_path: Path) -> None:
    done = swath("caption", str(harbor), str(harbor), data_dir=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "One image at a time" in done.stderr


def test_words_of_a_file_cannot_command_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    path.write_bytes(tiff(np.stack([ramp()] * 4), names=("a\x1b[2Jb", "c", "d", "e")))
    for options in ([], ["--json"]):
        done = swath("inspect", str(path), *options, data_dir=tmp_path / "data")
        assert done.returncode == 0, done.stderr
        assert "a[2Jb" in done.stdout or "a\\u001b[2Jb" in done.stdout
        assert "\x1b" not in done.stdout


@pytest.mark.parametrize("command", ["ask", "inspect"])
def test_a_picture_that_takes_too_long_is_one_line_and_status_1(
    harbor: Path, tmp_path: Path, command: str
) -> None:
    done = swath(command, str(harbor), data_dir=tmp_path, SWATH_DECODE_TIMEOUT="0.0000001")
    assert done.returncode == 1
    assert (done.stdout, done.stderr.count("\n")) == ("", 2)
    assert re.match(r"swath: .*harbor\.png: the picture takes more than .* s", done.stderr)


def bad_files(folder: Path) -> dict[str, tuple[bytes | None, str]]:
    return {
        "missing.png": (None, "no such file"),
        "page.png": (b"<html></html>", "web page"),
        "empty.png": (b"", "empty"),
        "cut.png": (noise_png(9000)[:5000], "cut short|damaged|truncated|incomplete"),
        "scene.vrt": (b"<VRTDataset></VRTDataset>", "VRT"),
    }


@pytest.mark.parametrize("name", ["missing.png", "page.png", "empty.png", "cut.png", "scene.vrt"])
def test_a_file_that_cannot_be_used_is_one_line_and_status_1(tmp_path: Path, name: str) -> None:
    data, words = bad_files(tmp_path)[name]
    if data is not None:
        (tmp_path / name).write_bytes(data)
    done = swath("ask", str(tmp_path / name), "?", data_dir=tmp_path / "data")
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    assert done.stderr.startswith("swath: ")
    assert name in done.stderr
    assert re.search(words, done.stderr, re.IGNORECASE), done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_16_bit_tiff_is_an_answer_or_one_clear_line(tmp_path: Path, shared_data: Path) -> None:
    for path in sorted((shared_data / "imagery" / "geotiff").iterdir())[:4]:
        done = swath("ask", str(path), "How much is water?", data_dir=tmp_path)
        assert done.returncode in (0, 1)
        assert "Traceback" not in done.stderr
        assert done.stdout or done.stderr.startswith("swath: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "x.png", "   "],
        ["ask", "x.png", "?", "--thread", "../x"],
        ["ask", "x.png", "?", "--task", "fly"],
        ["service", "vqa", "--upstream", "http://127.0.0.1:1/v1"],
        ["service", "vqa", "--upstream", "127.0.0.1", "--model", "m"],
        ["serve", "--host", "0.0.0.0"],
        ["fly"],
        ["images", "gc", "--older-than", "soon"],
        ["inspect", "a.tif", "--bbox", "1,2,3"],
        ["inspect", "a.tif", "--bands", "what"],
        ["inspect", "a.tif", "b.tif", "--preview", "p.png"],
    ],
)
def test_bad_use_is_status_2(arguments: list[str], tmp_path: Path) -> None:
    done = swath(*arguments, data_dir=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_setting_is_named(harbor: Path, tmp_path: Path) -> None:
    done = swath("ask", str(harbor), data_dir=tmp_path, VQA_BASE_URL="localhost")
    assert done.returncode == 2
    assert "VQA_BASE_URL" in done.stderr


def test_a_service_out_of_reach_is_status_1_with_what_to_do(harbor: Path, tmp_path: Path) -> None:
    done = swath(
        "ask", str(harbor), "How many?", data_dir=tmp_path,
        VQA_BASE_URL="http://127.0.0.1:1", SWATH_MAX_ATTEMPTS="1",
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "VQA_BASE_URL" in done.stderr
    assert done.stdout == ""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A raster of four bands on the ground, whose name says that it is NAIP's."""
    path = tmp_path / "m_naip_2020.tif"
    bands = np.stack([ramp() // n for n in (1, 2, 3, 1)])
    place = Affine(1, 0, 500000, 0, -1, 5000000)
    path.write_bytes(tiff(bands, photometric="MINISBLACK", crs="EPSG:32614", transform=place))
    return path


def test_inspect_prints_the_facts_and_writes_the_picture(scene: Path, tmp_path: Path) -> None:
    preview, sheet = tmp_path / "preview.png", tmp_path / "sheet.png"
    done = swath(
        "inspect", str(scene), "--preview", str(preview), "--sheet", str(sheet),
        data_dir=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "EPSG:32614 · 1 m per pixel" in done.stdout
    assert "4 band 4 (nir)" in done.stdout
    assert Image.open(io.BytesIO(preview.read_bytes())).size == (64, 48)
    assert Image.open(io.BytesIO(sheet.read_bytes())).format == "PNG"


def test_inspect_as_json_has_the_promised_keys(scene: Path, tmp_path: Path) -> None:
    facts = json.loads(swath("inspect", str(scene), "--json", data_dir=tmp_path).stdout)
    assert {
        "width_px", "height_px", "bands", "crs", "ground_sample_distance_m", "footprint",
        "nodata_share", "kind", "warnings", "ndvi_mean",
    } <= set(facts)  # fmt: skip
    assert facts["bands"][3] | {"index": 4} == {
        "index": 4, "name": "band 4", "role": "nir", "role_known": True, "dtype": "uint8",
    }  # fmt: skip
    assert facts["footprint"]["type"] == "Polygon"


def test_inspect_has_no_ndvi_where_the_bands_are_not_known(scene: Path, tmp_path: Path) -> None:
    other = tmp_path / "scene.tif"
    other.write_bytes(scene.read_bytes())
    plain = json.loads(swath("inspect", str(other), "--json", data_dir=tmp_path).stdout)
    said = json.loads(
        swath("inspect", str(other), "--json", "--bands", "red=1,nir=4", data_dir=tmp_path).stdout
    )
    assert "ndvi_mean" not in plain
    assert "ndvi_mean" in said


def test_inspect_reads_a_window(scene: Path, tmp_path: Path) -> None:
    cut = swath(
        "inspect", str(scene), "--json", "--bbox", "500010,4999970,500030,4999990",
        "--bbox-in", "crs", data_dir=tmp_path,
    )  # fmt: skip
    assert json.loads(cut.stdout)["width_px"] == 20
    outside = swath("inspect", str(scene), "--bbox", "0,0,1,1", data_dir=tmp_path)
    assert outside.returncode == 1
    assert outside.stderr.startswith("swath: ")


def test_inspect_of_several_files_goes_on_after_a_bad_one(scene: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tif"
    bad.write_bytes(b"II*\0" + b"x" * 50)
    done = swath("inspect", str(bad), str(scene), "--json", data_dir=tmp_path)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)) == 1
    assert "bad.tif" in done.stderr


def test_inspect_of_a_raster_without_data_warns(tmp_path: Path) -> None:
    path = tmp_path / "empty.tif"
    path.write_bytes(tiff(np.zeros((4, 20, 30), np.uint16), nodata=0))
    done = swath("inspect", str(path), "--json", data_dir=tmp_path)
    assert done.returncode == 0
    assert "no pixel of the raster holds data" in json.loads(done.stdout)["warnings"]
    picture = swath("inspect", str(path), "--preview", str(tmp_path / "p.png"), data_dir=tmp_path)
    assert picture.returncode == 1


def test_ask_tells_a_rasters_facts_to_the_engine_and_the_user(scene: Path, tmp_path: Path) -> None:
    done = swath("ask", str(scene), "What is the size of the image?", data_dir=tmp_path)
    assert "64 pixels wide" in done.stdout
    assert "1 m per pixel" in done.stdout
    assert "naip" in done.stdout


def test_images_are_listed_and_removed(harbor: Path, tmp_path: Path) -> None:
    turn = json.loads(swath("ask", str(harbor), "--json", data_dir=tmp_path).stdout)
    sha256 = turn["image"]["sha256"]
    listed = swath("images", "ls", data_dir=tmp_path)
    as_json = json.loads(swath("images", "ls", "--json", data_dir=tmp_path).stdout)
    assert sha256[:12] in listed.stdout
    assert as_json[0]["id"] == f"sha256:{sha256}"
    assert swath("images", "rm", sha256[:12], data_dir=tmp_path).returncode == 0
    assert swath("images", "ls", data_dir=tmp_path).stdout == ""
    gone = swath("images", "rm", sha256, data_dir=tmp_path)
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "no image" in gone.stderr


def test_only_images_of_no_thread_are_collected(harbor: Path, tmp_path: Path) -> None:
    swath("ask", str(harbor), data_dir=tmp_path)
    other = tmp_path / "other.png"
    other.write_bytes(png(80, 60))
    store = ImageStore(tmp_path / "images", Limits())
    store.put(other.read_bytes(), "upload")
    none = swath("images", "gc", data_dir=tmp_path)
    one = swath("images", "gc", "--older-than", "0s", "--json", data_dir=tmp_path)
    assert none.stdout.startswith("0 images removed")
    assert json.loads(one.stdout)["images"] == 1
    assert [stored.ref.source for stored in store.list()] == ["file:harbor.png"]


def test_what_is_removed_made_and_drawn_is_told_as_json_too(harbor: Path, tmp_path: Path) -> None:
    turn = json.loads(swath("ask", str(harbor), "--json", data_dir=tmp_path).stdout)
    thread, sha256 = turn["thread_id"], turn["image"]["sha256"]

    def said(*arguments: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(swath(*arguments, data_dir=tmp_path).stdout)
        return found

    graph = said("graph", "--run", thread[:8], "--json")
    assert {"nodes", "edges", "run"} == set(graph)
    assert said("threads", "rm", thread, "--json") == {"threads": [thread]}
    assert said("images", "rm", sha256[:12], "--json") == {"images": [sha256]}
    assert {"name", "key", "setting"} == set(said("keys", "new", "acme", "--json"))


@pytest.mark.parametrize("kind", ["mermaid", "ascii"])
def test_graph_draws_to_stdout_or_a_file(tmp_path: Path, kind: str) -> None:
    done = swath("graph", "--format", kind, data_dir=tmp_path)
    assert "call_vqa" in done.stdout
    path = tmp_path / "graph.txt"
    written = swath("graph", "--format", kind, "-o", str(path), data_dir=tmp_path)
    assert path.read_text() == done.stdout
    assert written.stdout == ""


def test_the_server_answers_remembers_and_stops_when_asked(harbor: Path, tmp_path: Path) -> None:
    with served("serve", data_dir=tmp_path, health="/readyz") as (url, process):
        stored = requests.post(f"{url}/api/images", data=harbor.read_bytes(), timeout=20).json()
        first = requests.post(
            f"{url}/api/chat",
            json={"message": "What is the size of the image?", "image": stored["id"]},
            timeout=20,
        ).json()
        second = requests.post(
            f"{url}/api/chat",
            json={"message": "Describe it", "thread_id": first["thread_id"]},
            timeout=20,
        ).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)  # uvicorn ends by the signal it got
    assert "64" in first["content"]
    assert second["image"]["sha256"] == first["image"]["sha256"]


def test_the_chat_calls_services_in_other_processes(harbor: Path, tmp_path: Path) -> None:
    with served("service", "vqa", data_dir=tmp_path, health="/health") as (vqa, _):
        done = swath("ask", str(harbor), "What is the size of the image?", "--json",
                     data_dir=tmp_path / "chat", VQA_BASE_URL=vqa)  # fmt: skip
    assert json.loads(done.stdout)["engine"] == "measure"


def test_a_service_over_an_upstream_that_is_down_says_so(tmp_path: Path) -> None:
    upstream = f"http://127.0.0.1:{free_port()}/v1"
    with served(
        "service", "vqa", "--upstream", upstream, "--model", "qwen",
        data_dir=tmp_path, health="/health",
    ) as (url, _):  # fmt: skip
        health = requests.get(f"{url}/health", timeout=10).json()
        body = {"model": "qwen-vqa-special", "messages": [{"role": "user", "content": "hi"}]}
        answer = requests.post(f"{url}/v1/chat/completions", json=body, timeout=20)
    assert (health["model"], health["state"]) == ("qwen-vqa-special", "down")
    assert answer.status_code == 503


def test_a_service_with_keys_asks_for_one(tmp_path: Path) -> None:
    with served(
        "service", "vqa", data_dir=tmp_path, health="/health", SWATH_SERVICE_KEYS="first,second"
    ) as (url, _):
        bare = requests.get(f"{url}/v1/models", timeout=10)
        good = requests.get(
            f"{url}/v1/models", headers={"Authorization": "Bearer second"}, timeout=10
        )
    assert (bare.status_code, good.status_code) == (401, 200)
    assert bare.headers["www-authenticate"].startswith("Bearer")


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with served("service", "vqa", data_dir=tmp_path, health="/health") as (url, _):
        done = swath("serve", "--port", url.rsplit(":", 1)[1], data_dir=tmp_path)
    assert done.returncode == 1
    assert "cannot listen" in done.stderr


def test_a_jpeg_that_lies_on_its_side_is_seen_upright(tmp_path: Path) -> None:
    turned = Image.new("RGB", (40, 20))
    exif = turned.getexif()
    exif[274] = 6
    path = tmp_path / "phone.jpg"
    path.write_bytes(encoded(turned, "JPEG", exif=exif))
    done = swath("ask", str(path), "--json", data_dir=tmp_path / "data")
    image = json.loads(done.stdout)["image"]
    assert (image["width_px"], image["height_px"]) == (20, 40)

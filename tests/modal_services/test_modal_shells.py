from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imagery import Limits
from modal_services.answering import Answerer
from modal_services.deployment import api_keys, caches, said, secrets, smoke_request
from modal_services.prompting import load_public
from modal_services.worker import Worker
from tests.fakes import ScriptedEngine
from tests.modal_services.modal_server import modal_server

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
SHELLS = {"vqa": "qwen-vqa-special", "captioning": "qwen-caption-special"}
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "How many ships?"}]}


@pytest.mark.parametrize(("name", "model"), SHELLS.items())
def test_a_shell_imports_with_no_account_and_no_network(name: str, model: str) -> None:
    shell = importlib.import_module(f"modal_services.{name}")
    assert shell.app.name == f"qwen3-vlm-{name}"
    assert model == shell.MODEL


def deploy(path: str | Path) -> dict[str, Any]:
    """What the real `modal deploy` sends: the definition of each function by its name."""
    with modal_server() as (modal, url):
        account = {"MODAL_SERVER_URL": url, "MODAL_TOKEN_ID": "ak-x", "MODAL_TOKEN_SECRET": "as-x"}
        done = subprocess.run(
            [sys.executable, "-m", "modal", "deploy", str(path)],
            cwd=ROOT,
            env={**os.environ, **account},  # noqa: TID251 - a child's, not ours
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    sent = [call.function for call in modal.sent["FunctionCreate"]]
    return {each.function_name: each for each in sent}


@pytest.fixture(scope="module", params=SHELLS)
def deployed(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {"name": request.param, **deploy(f"modal_services/{request.param}.py")}


def test_the_model_is_deployed_on_a_gpu_with_both_volumes(deployed: dict[str, Any]) -> None:
    model = deployed["Model.*"]
    assert model.app_name == f"qwen3-vlm-{deployed['name']}"
    assert model.resources.gpu_config.gpu_type == "L40S"
    assert {mount.mount_path for mount in model.volume_mounts} == {
        "/root/.cache/huggingface", "/root/.cache/vllm"
    }  # fmt: skip
    assert list(model.method_definitions) == ["answer"]


def test_the_model_takes_many_requests_and_scales_to_nothing(deployed: dict[str, Any]) -> None:
    model = deployed["Model.*"]
    assert (model.max_concurrent_inputs, model.target_concurrent_inputs) == (32, 16)
    scale = model.autoscaler_settings
    assert (scale.min_containers, scale.max_containers, scale.scaledown_window) == (0, 4, 300)


def test_the_model_may_take_its_time_to_start_and_less_to_answer(deployed: dict[str, Any]) -> None:
    model = deployed["Model.*"]
    assert (model.startup_timeout_secs, model.timeout_secs) == (1200, 600)
    assert not model.checkpointing_enabled
    assert not model.retry_policy.retries  # the client of the service retries, nobody else


def test_the_front_has_no_gpu_and_serves_many(deployed: dict[str, Any]) -> None:
    front = deployed["web"]
    assert not front.resources.gpu_config.gpu_type
    assert not front.volume_mounts
    assert (front.max_concurrent_inputs, front.timeout_secs) == (200, 600)
    assert not front.webhook_config.requires_proxy_auth
    assert front.webhook_config.requested_suffix == f"qwen3-vlm-{deployed['name']}"


@pytest.mark.parametrize("name", SHELLS)
def test_a_deployer_may_choose_snapshots_proxy_tokens_and_keys(name: str, tmp_path: Path) -> None:
    shell = (ROOT / f"modal_services/{name}.py").read_text()
    for was, becomes in (
        ("SNAPSHOT = False", "SNAPSHOT = True"),
        ("PROXY_AUTH = False", "PROXY_AUTH = True"),
        ('KEYS_SECRET = ""', 'KEYS_SECRET = "swath-keys"'),
        ("MAX_GPUS, KEPT_WARM = 4, 0", "MAX_GPUS, KEPT_WARM = 4, 1"),
    ):
        assert was in shell
        shell = shell.replace(was, becomes)
    (tmp_path / f"{name}.py").write_text(shell)
    sent = deploy(tmp_path / f"{name}.py")
    model, front = sent["Model.*"], sent["web"]
    assert model.checkpointing_enabled
    assert dict(model.experimental_options) == {"enable_gpu_snapshot": "True"}
    assert model.autoscaler_settings.min_containers == 1
    assert front.webhook_config.requires_proxy_auth
    assert len(front.secret_ids) == 1


def test_the_weights_are_pinned_to_a_commit() -> None:
    for name in SHELLS:
        shell = importlib.import_module(f"modal_services.{name}")
        assert len(shell.MODEL_REVISION) == 40
        worker = Worker(shell.WEIGHTS, shell.MODEL_REVISION, shell.MODEL, shell.VLLM_ARGS)
        line = worker.server.arguments
        assert line[line.index("--revision") + 1] == shell.MODEL_REVISION


@pytest.mark.filterwarnings("ignore:The Model.answer function is executing locally")
@pytest.mark.parametrize("name", SHELLS)
async def test_the_workers_method_answers_with_an_envelope_and_never_raises(name: str) -> None:
    shell = importlib.import_module(f"modal_services.{name}")
    worker = shell.Model()
    engine = ScriptedEngine()
    beside = Worker("weights", "commit", "m", ())
    beside._answerer = Answerer("m", engine, Limits(), load_public)
    worker._cached_user_cls_instance().worker = beside
    worker._entered = True  # as if vLLM had been started
    good = await worker.answer.local(REQUEST)
    assert good["completion"]["choices"][0]["message"]["content"] == "Three ships."
    bad = await worker.answer.local({"model": "m"})
    assert bad["ok"] is False


def test_the_front_is_a_service_of_the_shells_name(anyio_backend: str) -> None:
    for name, model in SHELLS.items():
        app: Any = importlib.import_module(f"modal_services.{name}").web.local()
        assert model in app.title


def test_keys_come_from_a_secret_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert secrets("") == []
    assert len(secrets("swath-keys")) == 1
    assert api_keys() == []
    monkeypatch.setenv("SWATH_API_KEYS", "one, two")
    assert api_keys() == ["one", "two"]


def test_the_caches_are_two_volumes() -> None:
    assert len(caches()) == 2


def test_the_smoke_test_asks_about_a_picture_and_prints_the_answer() -> None:
    first, second = smoke_request("m", "Is there water?")["messages"][0]["content"]
    assert first["image_url"]["url"].startswith("data:image/png")
    assert second["text"] == "Is there water?"
    answer = {"choices": [{"message": {"content": "Yes."}}], "usage": {"total_tokens": 3}}
    assert said({"ok": True, "completion": answer}).startswith("Yes.")
    with pytest.raises(SystemExit, match="too large"):
        said({"ok": False, "error": "too large"})

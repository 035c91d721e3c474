"""The agent from Python: scripts, notebooks, other people's agents, LangGraph's own server."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from app import Agent, Answer, SyncAgent, caption_tool, vqa_tool
from app.errors import BadRequest, SwathError
from app.events import Done, Token
from app.run_graph import run_graph
from app.settings import Settings
from imagery import BadReference
from tests.fakes import data_uri, png

ROOT = Path(__file__).parents[2]
SIZE = "What is the size of the image?"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", _env_file=None)


@pytest.fixture
def harbor(tmp_path: Path) -> Path:
    path = tmp_path / "harbor.png"
    path.write_bytes(png(40, 30))
    return path


def test_importing_app_imports_nothing_heavy() -> None:
    heavy = "langgraph langchain_core pydantic numpy cv2 PIL rasterio httpx fastapi modal"
    program = (
        "import sys, app; assert app.__version__; assert 'Agent' in dir(app); "
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_app_does_not_have_is_an_attribute_error() -> None:
    import app  # noqa: PLC0415

    with pytest.raises(AttributeError, match="no attribute 'Agnet'"):
        _ = app.Agnet


@pytest.mark.anyio
async def test_an_agent_answers_about_a_file(settings: Settings, harbor: Path) -> None:
    async with Agent.open(settings) as agent:
        turn = await agent.ask(SIZE, image=harbor)
        named = await agent.ask(SIZE, image=str(harbor))
    assert turn.answer == named.answer
    assert "40 pixels wide" in turn.answer
    assert isinstance(turn.answers[0], Answer)
    assert turn.answers[0].method
    assert str(turn.log).endswith("Turn: answered")


@pytest.mark.anyio
async def test_what_the_embedded_engine_measured_is_typed(settings: Settings) -> None:
    coast = ROOT / "examples" / "coast.png"
    async with Agent.open(settings) as agent:
        turn = await agent.ask("What is the dominant colour?", image=coast)
    [answer] = turn.answers
    assert answer.value == answer.measurements[0].value == "green"
    assert (answer.method, answer.confidence) == (answer.measurements[0].method, None)
    assert answer.caveats == ("Colour names have soft borders.",)


@pytest.mark.anyio
async def test_the_readmes_lines_run_as_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SWATH_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    [lines] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    code = compile(lines, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, {})  # noqa: S307 - the README's own code
    printed = capsys.readouterr().out
    assert "320" in printed
    assert "Done(" in printed


def test_a_script_asks_without_await(settings: Settings, harbor: Path) -> None:
    with SyncAgent.open(settings) as agent:
        turn = agent.ask(SIZE, image=harbor, thread_id="t")
        events = list(agent.stream(SIZE, thread_id="t"))
        assert [message.role for message in agent.transcript("t")] == ["user", "assistant"] * 2
        assert agent.health()["vqa"]["state"] == "ready"
        with pytest.raises(BadRequest):
            agent.ask("  ")
    assert "40 pixels wide" in turn.answer
    assert isinstance(events[-1], Done)
    assert any(isinstance(event, Token) for event in events)


@pytest.mark.anyio
async def test_a_notebook_with_a_running_loop_may_ask_without_await(
    settings: Settings, harbor: Path
) -> None:
    assert asyncio.get_running_loop().is_running()
    with SyncAgent(settings) as agent:
        assert "40 pixels wide" in agent.ask(SIZE, image=harbor).answer


def test_a_stream_that_is_left_early_is_over(settings: Settings, harbor: Path) -> None:
    with SyncAgent(settings) as agent:
        events = agent.stream(SIZE, image=harbor)
        next(events)
        events.close()  # type: ignore[attr-defined]
        assert agent.ask(SIZE, image=harbor).status == "answered"


def test_a_closed_agent_says_that_it_is_closed(settings: Settings) -> None:
    with SyncAgent(settings) as agent:
        pass
    with pytest.raises(SwathError, match="not open"):
        agent.ask("Hello!")


@pytest.mark.anyio
async def test_a_turns_graph_shows_the_path_taken(settings: Settings, harbor: Path) -> None:
    async with Agent.open(settings) as agent:
        graph = (await agent.ask(SIZE, image=harbor)).graph()
    assert str(graph).startswith("---") or "graph TD" in str(graph)
    assert graph._repr_svg_().startswith("<svg")
    assert "How big" in graph.svg or "size" in graph.svg
    assert "__error_handler__" not in str(graph) + graph.svg


def test_a_run_without_a_log_is_the_bare_graph() -> None:
    assert "classify" in str(run_graph({}, "hello"))


@pytest.mark.anyio
async def test_tools_answer_other_peoples_agents(settings: Settings, harbor: Path) -> None:
    async with Agent.open(settings) as agent:
        call = {"type": "tool_call", "id": "1", "name": "satellite_vqa"}
        message = await vqa_tool(agent).ainvoke(
            {**call, "args": {"image": data_uri(png(40, 30)), "question": SIZE}}
        )
        bound = await caption_tool(agent, image=str(harbor)).ainvoke({"wishes": "in two words"})
    assert "40 pixels wide" in message.content
    assert message.artifact.status == "answered"
    assert "Caveat: It has" in bound


@pytest.mark.anyio
async def test_a_models_argument_never_opens_a_file(settings: Settings, harbor: Path) -> None:
    async with Agent.open(settings) as agent:
        said = await caption_tool(agent).ainvoke({"image": str(harbor)})
        assert said.startswith("That could not be asked")
        with pytest.raises(BadReference):
            await agent.ask(SIZE, image=str(harbor), files=False)


@pytest.mark.anyio
async def test_langgraphs_server_can_load_and_run_the_graph_without_a_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SWATH_DATA_DIR", str(tmp_path))
    described = json.loads((ROOT / "langgraph.json").read_text())
    path, _, name = described["graphs"]["swath"].partition(":")
    spec = importlib.util.spec_from_file_location("studio", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    asked = {"user_query": SIZE, "image_url": data_uri(png(40, 30))}
    with blockbuster_ctx():  # as the server has it: what blocks its loop raises
        async with getattr(module, name)() as graph:
            found = await graph.ainvoke(asked, context={})
    assert "40 pixels wide" in found["answer"]["content"]
    assert found["messages"][0].content == SIZE

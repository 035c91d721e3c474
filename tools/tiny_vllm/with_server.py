"""Runs a command while vLLM serves the tiny model, then stops what it started.

    python -m tools.tiny_vllm.with_server VENV MODEL COMMAND ...

The command finds the server in SWATH_TEST_VLLM_URL and its key in SWATH_TEST_VLLM_KEY.
"""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from modal_services.vllm_server import VllmServer

KEY = "sk-tiny"
SETTINGS = {
    # Nothing is fetched, and nothing is told to anyone.
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1",
    # Two cores and a gigabyte, and no address but loopback.
    "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "2",
    "VLLM_HOST_IP": "127.0.0.1", "GLOO_SOCKET_IFNAME": "lo",
    "VLLM_LOGGING_LEVEL": "WARNING",
}  # fmt: skip
ARGUMENTS = (
    "--max-model-len", "2048", "--max-num-seqs", "8", "--dtype", "bfloat16", "--enforce-eager",
    "--limit-mm-per-prompt", '{"image": 8, "video": 0}', "--disable-uvicorn-access-log",
)  # fmt: skip


def tiny(venv: Path, model: Path, port: int) -> VllmServer:
    """The server, not yet started."""
    vllm = (str(venv.resolve() / "bin/vllm"), "serve")
    return VllmServer(
        str(model.resolve()), "tiny", ARGUMENTS, SETTINGS, KEY, port, start_s=300, command=vllm
    )


def main(venv: Path, model: Path, command: list[str]) -> int:
    """The command's status."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = tiny(venv, model, free.getsockname()[1])
    variables = [f"SWATH_TEST_VLLM_URL={server.base_url}", f"SWATH_TEST_VLLM_KEY={KEY}"]
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.start()
        server.warm_up()
        return subprocess.run(["env", *variables, *command], check=False).returncode  # noqa: S603, S607
    finally:
        server.stop()


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))

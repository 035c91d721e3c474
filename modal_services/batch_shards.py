"""Shards of an OpenAI batch file on Modal's GPUs, by vLLM's own `vllm run-batch`.

    swath batch split requests.jsonl shards --shards 16
    modal run modal_services/batch_shards.py --folder shards
    swath batch merge all.jsonl shards/*.results.jsonl

Modal schedules the containers; a shard whose results are there is not run again.
"""

import subprocess
import tempfile
from pathlib import Path

import modal

from modal_services.deployment import MINUTE, caches, gpu_image

WEIGHTS, VLLM = "Qwen/Qwen3-VL-8B-Instruct", "vllm==0.32.0"
MODEL_REVISION = "0c351dd01ed87e9c1b53cbc748cba10e6187ff3b"  # a commit on the hub
VLLM_ARGS = ("--max-model-len", "16384", "--limit-mm-per-prompt", '{"image": 8, "video": 0}')
GPU = "L40S"
MAX_GPUS = 8

app = modal.App("swath-batch")


def run_batch(requests: str, command: tuple[str, ...] = ("vllm", "run-batch")) -> str:
    """The results of a shard's requests.

    Raises:
        subprocess.CalledProcessError: vLLM failed; its own output says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "requests.jsonl"), Path(folder, "results.jsonl")
        given.write_text(requests)
        subprocess.run(  # noqa: S603 - our own arguments
            [*command, "-i", str(given), "-o", str(made), "--model", WEIGHTS,
             "--revision", MODEL_REVISION, *VLLM_ARGS],
            check=True,
        )  # fmt: skip
        return made.read_text()


@app.function(
    image=gpu_image(VLLM), gpu=GPU, volumes=caches(), max_containers=MAX_GPUS, timeout=240 * MINUTE
)
def run_shard(requests: str) -> str:
    """`run_batch` on a GPU."""
    return run_batch(requests)


@app.local_entrypoint()
def main(folder: str) -> None:
    """Runs the shards of a folder that have no results yet."""
    found = sorted(p for p in Path(folder).glob("shard-*.jsonl") if ".results" not in p.name)
    left = [p for p in found if not results_of(p).exists()]
    answers = run_shard.map([p.read_text() for p in left], return_exceptions=True)
    for shard, results in zip(left, answers, strict=True):
        if isinstance(results, str):
            results_of(shard).write_text(results)
        print(f"{shard.name}: {'done' if isinstance(results, str) else results!r}")  # noqa: T201


def results_of(shard: Path) -> Path:
    """Where a shard's results belong."""
    return shard.with_name(shard.name.removesuffix(".jsonl") + ".results.jsonl")

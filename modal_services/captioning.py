"""Captioning on Modal. Deploy it with `modal deploy modal_services/captioning.py`.

A light container answers HTTP, so that polls and /health never wake a GPU; the model runs as
`vllm serve` in a container of its own, which goes away when nobody asks. docs/deploy-modal.md
explains every constant.
"""

import modal

from modal_services.api import create_service
from modal_services.deployment import (
    MINUTE,
    api_keys,
    caches,
    front_image,
    gpu_image,
    said,
    secrets,
    smoke_request,
)
from modal_services.engines.remote import RemoteEngine
from modal_services.stores.modal import ModalJobs, remote_call, warmth
from modal_services.worker import Worker

MODEL = "qwen-caption-special"  # the name that requests ask for
WEIGHTS, VLLM = "Qwen/Qwen3-VL-8B-Instruct", "vllm==0.32.0"
MODEL_REVISION = "0c351dd01ed87e9c1b53cbc748cba10e6187ff3b"  # a commit on the hub
VLLM_ARGS = ("--max-model-len", "16384", "--limit-mm-per-prompt", '{"image": 8, "video": 0}')
GPU = "L40S"
IDLE_S = 5 * MINUTE  # how long a container waits for the next request, and is paid for
MAX_GPUS, KEPT_WARM = 4, 0
AT_ONCE, SCALE_AT = 32, 16  # requests in one container; how many start another
SNAPSHOT = False  # restart from a memory snapshot: faster; Modal calls it experimental on GPUs
PROXY_AUTH = False  # only callers with a Modal proxy token
KEYS_SECRET = ""  # a Modal secret with SWATH_API_KEYS: only callers with one of them

app = modal.App("qwen3-vlm-captioning")


@app.cls(
    image=gpu_image(VLLM), gpu=GPU, volumes=caches(), scaledown_window=IDLE_S,
    min_containers=KEPT_WARM, max_containers=MAX_GPUS,
    timeout=10 * MINUTE, startup_timeout=20 * MINUTE, enable_memory_snapshot=SNAPSHOT,
    experimental_options={"enable_gpu_snapshot": True} if SNAPSHOT else None,
)  # fmt: skip
@modal.concurrent(max_inputs=AT_ONCE, target_inputs=SCALE_AT)
class Model:
    """vLLM and the worker beside it."""

    @modal.enter(snap=SNAPSHOT)
    def start(self) -> None:
        """Starts vLLM; a snapshot is taken after this."""
        self.worker = Worker(WEIGHTS, MODEL_REVISION, MODEL, VLLM_ARGS, snapshot=SNAPSHOT)
        self.worker.start()

    @modal.enter(snap=False)
    def resume(self) -> None:
        """Comes after `start`, or after a snapshot was restored."""
        self.worker.resume()

    @modal.method()
    async def answer(self, request: dict[str, object]) -> dict[str, object]:
        """The request's outcome as an envelope."""
        return await self.worker.answer(request)

    @modal.exit()
    def stop(self) -> None:
        """Stops vLLM."""
        self.worker.stop()


@app.function(
    image=front_image(), scaledown_window=IDLE_S, timeout=10 * MINUTE, secrets=secrets(KEYS_SECRET)
)
@modal.concurrent(max_inputs=200)
@modal.asgi_app(label=app.name, requires_proxy_auth=PROXY_AUTH)  # <workspace>--label.modal.run
def web() -> object:
    """The HTTP front."""
    worker = Model().answer
    engine = RemoteEngine(remote_call(worker), warmth(worker), MODEL)
    return create_service(MODEL, engine, ModalJobs(worker), api_keys=api_keys())


@app.local_entrypoint()
def main(question: str = "Describe this satellite image in detail.") -> None:
    """`modal run modal_services/captioning.py`: one question on a GPU, as a smoke test."""
    print(said(Model().answer.remote(smoke_request(MODEL, question))))  # noqa: T201

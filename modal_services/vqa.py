"""Visual question answering on Modal. Deploy it with `modal deploy modal_services/vqa.py`.

A light container answers HTTP, so that polls and /health never wake a GPU; the model runs as
`vllm serve` in a container of its own, which goes away when nobody asks.
"""

from pathlib import PurePosixPath

import modal

from imagery import Limits
from modal_services.answering import Answerer
from modal_services.api import create_service
from modal_services.engines.remote import RemoteEngine
from modal_services.engines.upstream import UpstreamEngine
from modal_services.prompting import load_public
from modal_services.stores.modal import ModalJobs, packed, remote_call, warmth
from modal_services.vllm_server import VllmServer

MODEL = "qwen-vqa-special"
WEIGHTS, GPU, VLLM = "Qwen/Qwen3-VL-8B-Instruct", "L40S", "vllm==0.32.0"
MINUTE = 60
VLLM_ARGS = ("--max-model-len", "16384", "--limit-mm-per-prompt", '{"image": 8, "video": 0}')

packages = ("aiosqlite", "fastapi", "httpx", "httpx-aiohttp", "numpy", "opencv-python-headless",
            "pillow", "pydantic", "rasterio", "structlog")  # fmt: skip
base = modal.Image.debian_slim(python_version="3.12")
front_image = base.uv_pip_install(*packages).add_local_python_source("imagery", "modal_services")
gpu_image = base.uv_pip_install(VLLM, *packages).add_local_python_source(
    "imagery", "modal_services"
)
caches: dict[str | PurePosixPath, modal.Volume | modal.CloudBucketMount] = {
    "/root/.cache/huggingface": modal.Volume.from_name("swath-weights", create_if_missing=True),
    "/root/.cache/vllm": modal.Volume.from_name("swath-vllm", create_if_missing=True),
}
app = modal.App("qwen3-vlm-vqa")


@app.cls(image=gpu_image, gpu=GPU, volumes=caches, scaledown_window=5 * MINUTE,
         timeout=10 * MINUTE, startup_timeout=20 * MINUTE)  # fmt: skip
@modal.concurrent(max_inputs=32, target_inputs=16)
class Model:
    """vLLM and the worker beside it."""

    @modal.enter()
    def start(self) -> None:
        """Starts vLLM and waits for it."""
        self.server = VllmServer(WEIGHTS, MODEL, VLLM_ARGS)
        self.server.start()
        engine = UpstreamEngine(self.server.base_url, MODEL)
        self.answerer = Answerer(MODEL, engine, Limits(), load_public)

    @modal.method()
    async def answer(self, request: dict[str, object]) -> dict[str, object]:
        """Answers one request; never raises, since exceptions do not cross well."""
        return packed(await self.answerer.run(request))

    @modal.exit()
    def stop(self) -> None:
        """Stops vLLM."""
        self.server.stop()


@app.function(image=front_image, scaledown_window=5 * MINUTE)
@modal.concurrent(max_inputs=200)
@modal.asgi_app()
def web() -> object:
    """The HTTP front."""
    worker = Model().answer
    engine = RemoteEngine(remote_call(worker), warmth(worker), MODEL)
    return create_service(MODEL, engine, ModalJobs(worker))

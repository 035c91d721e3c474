"""What both Modal apps are made of: images, volumes, keys and the smoke test."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import Any

import modal

from modal_services.samples import coast

MINUTE = 60
PACKAGES = ("aiosqlite", "fastapi", "httpx", "httpx-aiohttp", "numpy", "opencv-python-headless",
            "pillow", "pydantic", "rasterio", "structlog")  # fmt: skip
SOURCES = ("imagery", "modal_services")
WEIGHTS_DIR, VLLM_DIR = "/root/.cache/huggingface", "/root/.cache/vllm"
KEYS = "SWATH_API_KEYS"


def front_image() -> modal.Image:
    """For the web app: no GPU, no model."""
    return _base().uv_pip_install(*PACKAGES).add_local_python_source(*SOURCES)


def gpu_image(vllm: str) -> modal.Image:
    """For the model, with vLLM."""
    packed = _base().uv_pip_install(vllm, *PACKAGES).env({"HF_XET_HIGH_PERFORMANCE": "1"})
    return packed.add_local_python_source(*SOURCES)


def caches() -> dict[str | PurePosixPath, modal.Volume | modal.CloudBucketMount]:
    """Weights, downloaded once, and what vLLM compiles, compiled once; both apps share them."""
    return {
        WEIGHTS_DIR: modal.Volume.from_name("swath-weights", create_if_missing=True),
        VLLM_DIR: modal.Volume.from_name("swath-vllm", create_if_missing=True),
    }


def secrets(name: str) -> list[modal.Secret]:
    """The Modal secret with the service's keys, where one is named."""
    return [modal.Secret.from_name(name, required_keys=[KEYS])] if name else []


def api_keys() -> list[str]:
    """The keys in that secret, apart by spaces or commas."""
    found = os.environ.get(KEYS, "")  # noqa: TID251 - Modal hands secrets over as variables
    return found.replace(",", " ").split()


def smoke_request(model: str, question: str) -> dict[str, Any]:
    """One question about a small made-up picture."""
    content = [
        {"type": "image_url", "image_url": {"url": coast(256, 192)}},
        {"type": "text", "text": question},
    ]
    messages = [{"role": "user", "content": content}]
    return {"model": model, "messages": messages, "max_tokens": 128, "temperature": 0}


def said(envelope: dict[str, Any]) -> str:
    """The answer in a worker's envelope.

    Raises:
        SystemExit: it is none, with the reason.
    """
    if not envelope["ok"]:
        raise SystemExit(f"The model gave no answer: {envelope['error']}")
    completion = envelope["completion"]
    return f"{completion['choices'][0]['message']['content']}\n{completion['usage']}"


def _base() -> modal.Image:
    return modal.Image.debian_slim(python_version="3.12")

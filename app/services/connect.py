"""From settings to a connected client: services elsewhere, or embedded in this process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from app.services.caller import CallLimits
from app.services.endpoint import Endpoint
from app.services.modal_client import ModalServiceClient
from app.services.observed import ObservedClient, Observer
from app.services.retry import RetryPolicy
from app.settings import Settings
from modal_services.prompting import Decode, decode_in_thread

if TYPE_CHECKING:
    from modal_services.engines.measure.measuring import Measuring

EMBEDDED = "http://embedded"
Embed = Callable[[str, Endpoint], contextlib.AbstractAsyncContextManager[Endpoint]]


@contextlib.asynccontextmanager
async def connected(
    settings: Settings,
    decode: Decode = decode_in_thread,
    observers: Sequence[Observer] = (),
    *,
    as_jobs: bool = False,
    measuring: Measuring | None = None,
) -> AsyncIterator[ModalServiceClient]:
    """A client of both services, closed with everything behind it on leaving.

    Args:
        settings: where the services are; those that are nowhere are embedded.
        decode: how embedded services decode pictures.
        observers: who watches the calls.
        as_jobs: whether every question goes as a job, where there are job routes.
        measuring: where embedded services measure; None: in threads of this process.
    """
    vqa = _elsewhere(settings, settings.vqa_base_url, settings.vqa_model, settings.vqa_timeout)
    captioning = _elsewhere(
        settings, settings.caption_base_url, settings.caption_model, settings.caption_timeout
    )
    retry = RetryPolicy(max_attempts=settings.max_attempts)
    limits = CallLimits(settings.service_concurrency, settings.service_queue)
    async with contextlib.AsyncExitStack() as stack:
        embedded = _embedding(settings, decode, measuring)
        if not vqa.base_url:
            vqa = await stack.enter_async_context(embedded("vqa", vqa))
        if not captioning.base_url:
            captioning = await stack.enter_async_context(embedded("captioning", captioning))
        if as_jobs:
            vqa, captioning = (replace(each, sync_limit_s=0) for each in (vqa, captioning))
        client = ObservedClient(vqa, captioning, retry, limits=limits, observers=observers)
        yield await stack.enter_async_context(client)


def _elsewhere(settings: Settings, base_url: str, model: str, timeout_s: float) -> Endpoint:
    return Endpoint(
        base_url,
        model,
        timeout_s,
        api_key=settings.service_api_key.get_secret_value(),
        headers=settings.proxy_auth,
        sync_limit_s=settings.sync_limit,
    )


def _embedding(settings: Settings, decode: Decode, measuring: Measuring | None) -> Embed:
    """Makes the services that `swath service` serves, over ASGI and without a port.

    They share one engine and the pictures it has measured: a description asked for beside a
    question measures nothing again.
    """

    @contextlib.asynccontextmanager
    async def embedded(name: str, endpoint: Endpoint) -> AsyncIterator[Endpoint]:
        # Loaded only here: a process that calls services elsewhere needs neither FastAPI nor OpenCV
        from modal_services.api import create_service  # noqa: PLC0415
        from modal_services.engines.measure import MeasureEngine  # noqa: PLC0415
        from modal_services.remembered import RememberedPictures  # noqa: PLC0415
        from modal_services.stores.sqlite import SqliteJobs  # noqa: PLC0415

        if not shared:
            shared.extend([MeasureEngine(measuring), RememberedPictures(decode)])
        app = create_service(
            endpoint.model,
            shared[0],
            SqliteJobs(jobs_path(settings.data_dir, name)),
            limits=settings.image_limits,
            decode=shared[1],
            development=settings.development,
        )
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            yield Endpoint(
                EMBEDDED,
                endpoint.model,
                endpoint.timeout_s,
                engine=MeasureEngine.name,
                transport=transport,
            )

    shared: list[Any] = []
    return embedded


def jobs_path(data_dir: Path, service: str) -> Path:
    """The file that a service of this machine keeps its jobs in."""
    return data_dir / f"jobs-{service}.sqlite3"

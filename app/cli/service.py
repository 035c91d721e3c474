"""swath service: one of the two VLM services on this machine."""

from __future__ import annotations

from typing import Literal

import typer

from app.cli.serve import bound, listen, refuse_beyond_loopback
from app.cli.trouble import BAD_USE, read_settings, stop, told_plainly
from app.logs import set_up_logs
from app.services.connect import jobs_path
from imagery.pool import DecodePool
from modal_services.api import create_service
from modal_services.engine import Engine
from modal_services.engines.measure import MeasureEngine
from modal_services.engines.upstream import UpstreamEngine
from modal_services.stores.sqlite import SqliteJobs

PORTS = {"vqa": 8001, "captioning": 8002}


def run(
    name: Literal["vqa", "captioning"],
    upstream: str | None,
    model: str | None,
    api_key: str,
    host: str,
    port: int | None,
) -> None:
    """Serves until Ctrl-C or SIGTERM."""
    if (upstream is None) != (model is None):
        stop("--upstream and --model go together", "The model is the upstream's name for it.", 2)
    settings = read_settings()
    keys = [key.get_secret_value() for key in settings.service_keys]
    if not keys:
        refuse_beyond_loopback(host, "Set SWATH_SERVICE_KEYS to listen elsewhere.")
    set_up_logs(settings)
    served = settings.vqa_model if name == "vqa" else settings.caption_model
    timeout_s = settings.vqa_timeout if name == "vqa" else settings.caption_timeout
    engine: Engine = MeasureEngine()
    if upstream and model:
        if not upstream.startswith(("http://", "https://")):
            stop(f"{upstream!r} is no http:// or https:// address", code=BAD_USE)
        limits = settings.image_limits
        engine = UpstreamEngine(
            upstream, model, api_key=api_key, timeout_s=timeout_s, limits=limits
        )
    jobs = SqliteJobs(jobs_path(settings.data_dir, f"{name}-service"))
    with told_plainly():
        listener = bound(host, PORTS[name] if port is None else port)
        with DecodePool(settings.image_limits, workers=settings.decode_workers) as pool:
            app = create_service(
                served,
                engine,
                jobs,
                limits=settings.image_limits,
                decode=pool.decode,
                api_keys=keys,
                development=settings.development,
            )
            _banner(name, host, listener.getsockname()[1], engine.model_id or served, upstream)
            debugged = settings.log_level == "debug"
            listen(app, listener, settings.log_level, access_log=debugged)


def _banner(name: str, host: str, port: int, model: str, upstream: str | None) -> None:
    engine = f"upstream at {upstream}" if upstream else "measure: no vision-language model"
    variable = "VQA_BASE_URL" if name == "vqa" else "CAPTION_BASE_URL"
    typer.echo(
        f"The {name} service is answering at http://{host}:{port}\n"
        f"  engine   {engine}\n"
        f"  model    {model}\n"
        f"  use it   {variable}=http://{host}:{port} swath serve      stop with Ctrl-C",
        err=True,
    )

"""From what a service did to the error that it stands for.

Servers differ: an error is an object, a string or plain text, and a model that is still loading is
a 503 with its own words.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import httpx

from app.errors import (
    JobMissing,
    VisionFailed,
    VisionRefused,
    VisionStarting,
    VisionTimeout,
    VisionUnavailable,
)
from app.services.vision import Service

BUSY = frozenset({425, 429, 502, 503})
TIMED_OUT = frozenset({408, 504})
SERVER_ERROR = 500
ADDRESS = {"vqa": "VQA_BASE_URL", "captioning": "CAPTION_BASE_URL"}


@contextlib.contextmanager
def translated(service: Service, base_url: str) -> Iterator[None]:
    """Trouble on the way to a service, as one of our errors."""
    try:
        yield
    except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout) as error:
        message = f"The {service} service did not answer in time."
        raise VisionTimeout(message, service=service) from error
    except httpx.TooManyRedirects as error:
        message = f"The {service} service at {base_url} redirects: {error}"
        hint = f"Set {ADDRESS[service]} to the service's own address."
        raise VisionRefused(message, service=service, hint=hint) from error
    except httpx.RequestError as error:  # a refused connection is a ConnectTimeout here
        message = f"The {service} service at {base_url} cannot be reached."
        hint = f"Is it running? {ADDRESS[service]} names it."
        raise VisionUnavailable(message, service=service, hint=hint) from error


def cut_short(service: Service) -> VisionUnavailable:
    """An answer that ended in the middle: the connection was lost, not the service's mind."""
    message = f"The connection to the {service} service ended in the middle of its answer."
    return VisionUnavailable(message, service=service)


def raise_for_status(service: Service, response: httpx.Response) -> None:
    """Returns for a success, raises the error that a status stands for otherwise."""
    if not response.is_success:
        _raise(service, response)


def _raise(service: Service, response: httpx.Response) -> NoReturn:
    status, said = response.status_code, said_by(response)
    message = f"The {service} service answered {status}: {said}"
    if status in TIMED_OUT:
        raise VisionTimeout(message, service=service, status=status)
    if status in BUSY:
        kind = VisionStarting if is_starting(response) else VisionUnavailable
        wait_s = retry_after(response)
        raise kind(message, service=service, status=status, retry_after_s=wait_s)
    if status >= SERVER_ERROR:
        raise VisionFailed(message, service=service, status=status)
    if status == httpx.codes.NOT_FOUND and "/status/" in response.request.url.path:
        raise JobMissing(message, service=service, status=status)
    raise VisionRefused(message, service=service, status=status, hint=_hint(status))


def said_by(response: httpx.Response) -> str:
    """The server's own words, shortened; never a traceback."""
    try:
        body = response.json()
    except ValueError:
        return response.text.strip()[:300] or "nothing"
    return said_in(body)


def said_in(body: Any) -> str:
    """The words of an error in JSON, shortened."""
    error = body.get("error", body.get("detail", body)) if isinstance(body, Mapping) else body
    message = error.get("message", error) if isinstance(error, Mapping) else error
    return str(message)[:300]


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The body, where it is a JSON object; some servers' /health is empty or plain text."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def is_starting(response: httpx.Response) -> bool:
    """Whether a 503 means a model that loads: Swath's `state`, or the words of llama-server."""
    if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        return False
    body = json_object(response)
    error = body.get("error")
    parts = [body, error if isinstance(error, dict) else {}]
    states = {str(part.get(name)) for part in parts for name in ("state", "code")}
    cold = bool(states & {"cold", "model_cold", "model_starting"})
    words = r"\b(cold start|loading model|model is (loading|starting))"
    return cold or re.search(words, said_by(response), re.IGNORECASE) is not None


def retry_after(response: httpx.Response) -> float | None:
    """The seconds that a server asks to be left alone."""
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _hint(status: int) -> str:
    match status:
        case 401 | 403:
            return "Set SWATH_SERVICE_API_KEY (on Modal: SWATH_MODAL_KEY too) to the service's key."
        case 404:
            return "Check VQA_BASE_URL, CAPTION_BASE_URL, VQA_MODEL and CAPTION_MODEL."
        case _:
            return ""

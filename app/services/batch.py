"""Many questions at once, through the job routes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import VisionError, VisionFailed, VisionRefused
from app.services.jobs_client import means_no_route
from app.services.modal_client import ModalServiceClient
from app.services.vision import VqaReply


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """One line of a batch: the pair that was asked, and its answer or why there is none."""

    image_url: str
    question: str
    answer: str | None = None
    error: VisionError | None = None


async def process_batch_vqa(
    client: ModalServiceClient,
    image_question_pairs: Sequence[tuple[str, str]],
    *,
    timeout_s: float = 300,
    concurrency: int = 16,
) -> list[BatchAnswer]:
    """Asks many questions, through the job routes where there are any; answers keep the order.

    Every pair has its own line, two questions on one image too, and every line ends: with an
    answer, or with the error that it met (an expired job is one).
    """
    free = asyncio.Semaphore(concurrency)

    async def ask(image_url: str, question: str) -> BatchAnswer:
        async with free:
            try:
                reply = await _ask(client, image_url, question, timeout_s)
            except VisionError as error:
                return BatchAnswer(image_url, question, error=error)
            return BatchAnswer(image_url, question, reply["answer"])

    return list(await asyncio.gather(*(ask(*pair) for pair in image_question_pairs)))


async def _ask(
    client: ModalServiceClient, image_url: str, question: str, timeout_s: float
) -> VqaReply:
    try:
        call_id = await client.call_vqa_async(image_url, question)
    except (VisionRefused, VisionFailed) as error:
        if not means_no_route(error):
            raise
        return await client.call_vqa(image_url, question)  # a bare model server has no jobs
    return await client.poll_vqa_result(call_id, timeout_s)

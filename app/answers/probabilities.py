"""How sure a model was of its yes or no: read from its tokens' probabilities, never guessed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.answers.yesno import is_yes_or_no

FROM_TOKENS = "the probability of the answer's first word, as the model gave it; not calibrated"
FIRST_TOKENS = 3  # the word for yes or no stands first, perhaps after a mark


def yesno_confidence(logprobs: Mapping[str, Any] | None, said: bool) -> float | None:
    """P(what was said) / (P(yes) + P(no)) at the first token that is either; None: not told.

    `logprobs` is OpenAI's: `content` is a list of tokens, each with its `top_logprobs`.
    """
    content = (logprobs or {}).get("content")
    if not isinstance(content, list):
        return None
    for token in content[:FIRST_TOKENS]:
        if not isinstance(token, Mapping) or is_yes_or_no(str(token.get("token", ""))) is not said:
            continue
        return _share(token, said)
    return None


def _share(token: Mapping[str, Any], said: bool) -> float | None:
    likely = {str(one["token"]): one for one in [*(token.get("top_logprobs") or []), token]}
    mass = {True: 0.0, False: 0.0}
    for word, one in likely.items():
        which = is_yes_or_no(word)
        logprob = one.get("logprob")
        if which is not None and isinstance(logprob, int | float):
            mass[which] += math.exp(min(0.0, logprob))
    total = mass[True] + mass[False]
    if not token.get("top_logprobs") or total == 0:
        return None  # alone, it does not tell how likely the other word was
    return round(mass[said] / total, 4)

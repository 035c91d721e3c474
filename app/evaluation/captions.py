"""Scores of descriptions, by sacrebleu and rouge-score where `swath[eval]` is installed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from app.evaluation.evaluating import Case


@dataclass(frozen=True, slots=True)
class CaptionScores:
    """Scores of 0 to 100 over all descriptions; None where the package is not installed.

    Attributes:
        bleu: BLEU-4 over all (Papineni et al. 2002), by sacrebleu.
        chrf: chrF over all (Popović 2015), by sacrebleu.
        rouge_l: the mean F1 of ROUGE-L (Lin 2004), by rouge-score.
        mentions_all: the share that mention all that they must and nothing that they must not.
    """

    described: int
    bleu: float | None
    chrf: float | None
    rouge_l: float | None
    mentions_all: float | None
    mean_words: float


def scores(cases: Sequence[Case]) -> CaptionScores | None:
    """The scores of the descriptions among the cases; None where there are none."""
    found = [c for c in cases if c.item.kind == "caption" and c.result.status == "answered"]
    if not found:
        return None
    said = [case.result.answer for case in found]
    true = [case.item.references for case in found]
    bleu, chrf = _sacrebleu(said, true)
    verdicts = [c.judged.right for c in found if c.judged and c.judged.right is not None]
    return CaptionScores(
        len(found),
        bleu,
        chrf,
        _rouge_l(said, true),
        mean(verdicts) if verdicts else None,
        mean(len(words.split()) for words in said),
    )


def _sacrebleu(
    said: Sequence[str], true: Sequence[Sequence[str]]
) -> tuple[float | None, float | None]:
    try:
        sacrebleu = importlib.import_module("sacrebleu")
    except ImportError:
        return None, None
    most = max(len(each) for each in true)
    columns = [[each[n] if n < len(each) else None for each in true] for n in range(most)]
    bleu, chrf = sacrebleu.corpus_bleu(said, columns), sacrebleu.corpus_chrf(said, columns)
    return round(bleu.score, 2), round(chrf.score, 2)


def _rouge_l(said: Sequence[str], true: Sequence[Sequence[str]]) -> float | None:
    try:
        scorer = importlib.import_module("rouge_score.rouge_scorer")
    except ImportError:
        return None
    rouge = scorer.RougeScorer(["rougeL"], use_stemmer=False)
    each = [
        max(rouge.score(reference, words)["rougeL"].fmeasure for reference in references)
        for words, references in zip(said, true, strict=True)
    ]
    return float(round(100 * mean(each), 2))

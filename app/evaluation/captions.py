"""Scores of descriptions, by the packages of `swath[eval]` where they are installed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from app.evaluation.evaluating import Case
from app.evaluation.judging import normal

NOT_INSTALLED = "not computed: pip install 'swath[eval]'"
ALONE = "not computed: it compares descriptions of several images"


@dataclass(frozen=True, slots=True)
class CaptionScores:
    """Scores over all descriptions, of 0 to 100 but CIDEr's; None where a package is not installed.

    Attributes:
        bleu: BLEU-4 over all (Papineni et al. 2002), by sacrebleu.
        chrf: chrF over all (Popović 2015), by sacrebleu.
        rouge_l: the mean F1 of ROUGE-L (Lin 2004), by rouge-score.
        cider: 100 x CIDEr-D (Vedantam et al. 2015), as papers print it: of 0 to 1000. By
            pycocoevalcap, but for its tokenizer, which needs Java. None of a single description:
            how rare words are in the others is what weighs them.
        mentions_all: the share that mention all that they must and nothing that they must not.
    """

    described: int
    bleu: float | None
    chrf: float | None
    rouge_l: float | None
    cider: float | None
    mentions_all: float | None
    mean_words: float

    def told(self) -> list[tuple[str, str]]:
        """Their names and values, as a report prints them."""
        alone = self.described == 1 and self.bleu is not None
        known = [
            ("BLEU-4", self.bleu, NOT_INSTALLED),
            ("chrF", self.chrf, NOT_INSTALLED),
            ("ROUGE-L", self.rouge_l, NOT_INSTALLED),
            ("CIDEr-D × 100", self.cider, ALONE if alone else NOT_INSTALLED),
        ]
        return [(name, why if value is None else f"{value:.1f}") for name, value, why in known]


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
        _cider(said, true),
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


def _cider(said: Sequence[str], true: Sequence[Sequence[str]]) -> float | None:
    try:
        package = importlib.import_module("pycocoevalcap.cider.cider")
    except ImportError:
        return None
    if len(said) < 2:  # noqa: PLR2004 - the logarithm of their number weighs the words
        return None
    references = {n: [normal(each) for each in known] for n, known in enumerate(true)}
    score, _ = package.Cider().compute_score(
        references, {n: [normal(words)] for n, words in enumerate(said)}
    )
    return round(100 * float(score), 2)

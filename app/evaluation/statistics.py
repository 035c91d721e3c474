"""How sure a share is, and whether two shares differ."""

from __future__ import annotations

from math import comb, sqrt

Z95 = 1.959964  # the normal distribution's quantile for 95 %


def wilson(right: int, asked: int, z: float = Z95) -> tuple[float, float]:
    """The interval that holds the true share with 95 %; (0, 1) where nothing was asked.

    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    if not asked:
        return 0.0, 1.0
    share, spread = right / asked, z * z / asked
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / asked + spread / (4 * asked))
    return max(0.0, middle - half), min(1.0, middle + half)


def mcnemar(only_first: int, only_second: int) -> float:
    """How likely it is that two systems, equally good, differ so much: exact, two-sided.

    McNemar (1947), doi:10.1007/BF02295996; the binomial form is right for few items too.

    Args:
        only_first: items that only the first had right.
        only_second: items that only the second had right.
    """
    count, fewer = only_first + only_second, min(only_first, only_second)
    if not count:
        return 1.0
    tail = sum(comb(count, k) for k in range(fewer + 1))
    return min(1.0, float(2 * tail / 2**count))

"""How often chance alone would agree: a match is evidence only beyond that."""

from __future__ import annotations

import math

SIGNIFICANT = 1e-3                            # a tail probability up to this is no accident


def is_accident(k: int, n: int, p: float) -> bool:
    """Is P(X >= k) for X ~ Binomial(n, p) above SIGNIFICANT?

    The median of X is n p, rounded up or down: at k <= floor(n p) the answer is yes without a sum.

    >>> is_accident(10, 100, 0.1), is_accident(90, 100, 0.1)
    (True, False)
    """
    return k <= math.floor(n * p) or binomial_tail(k, n, p, SIGNIFICANT) > SIGNIFICANT


def binomial_tail(k: int, n: int, p: float, enough: float = 1.0) -> float:
    """Return P(X >= k) for X ~ Binomial(n, p), in [0, 1]. Exact sum in logarithms, cut where terms vanish.

    enough: the sum ends once it is above this, which is all that some ask.

    >>> round(binomial_tail(1, 10, 0.1), 4)
    0.6513
    """
    if k <= 0:
        return 1.0
    if k > n:
        return 0.0
    log_p, log_q = math.log(p), math.log1p(-p)
    total = 0.0
    for i in range(k, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
        term = math.exp(ways + i * log_p + (n - i) * log_q)
        total += term
        if total > enough or term < total * 1e-12 and i > n * p:
            break
    return min(total, 1.0)

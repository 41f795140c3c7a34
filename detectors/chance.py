"""How often chance alone would agree: a match is evidence only beyond that."""

from __future__ import annotations

import math

SIGNIFICANT = 1e-3                            # a tail probability up to this is no accident


def binomial_tail(k: int, n: int, p: float) -> float:
    """Return P(X >= k) for X ~ Binomial(n, p), in [0, 1]. Exact sum in logarithms, cut where terms vanish.

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
        if term < total * 1e-12 and i > n * p:
            break
    return min(total, 1.0)

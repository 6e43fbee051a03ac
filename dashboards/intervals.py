"""How sure a share is: Wilson's interval, which holds for few cases and for shares near 0 or 100 too.

E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
"""

from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Between which two percents the true share lies, with 95% confidence, where `part` of `whole` were seen.
    `whole` is at least 1."""
    share, spread = part / whole, Z * Z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / whole + spread / (4 * whole)) / (1 + spread)
    return 100 * max(middle - half, 0.0), 100 * min(middle + half, 1.0)

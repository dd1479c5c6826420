"""Separations from 0.1 mas to 180 deg, with 60 digits from the exact binary values of the positions."""

import math
import random

from mpmath import acos, asin, atan2, cos, mp, mpf, pi, sin, sqrt

from sky_truth import SEED, write

mp.dps = 60
random.seed(SEED)
MAS_DEG = 1 / 3.6e6


def vector(ra, dec):
    a, d = mpf(ra) * pi / 180, mpf(dec) * pi / 180
    return (cos(d) * cos(a), cos(d) * sin(a), sin(d))


def separation_rad(one, two):
    a, b = vector(*one), vector(*two)
    less = sqrt(sum((p - q) ** 2 for p, q in zip(a, b)))
    more = sqrt(sum((p + q) ** 2 for p, q in zip(a, b)))
    return 2 * atan2(less, more)


def moved(ra, dec, sep_deg, pa_deg):
    """The place at this separation and position angle, rounded to doubles."""
    d, s, t = (mpf(v) * pi / 180 for v in (dec, sep_deg, pa_deg))
    z = sin(d) * cos(s) + cos(d) * sin(s) * cos(t)
    dra = atan2(sin(s) * sin(t), cos(d) * cos(s) - sin(d) * sin(s) * cos(t))
    return float((mpf(ra) + dra * 180 / pi) % 360), float(asin(max(-1, min(1, z))) * 180 / pi)


scales = [0.1 * MAS_DEG, MAS_DEG, 10 * MAS_DEG, 1 / 3600, 10 / 3600, 0.5, 3, 45, 89.999999, 90, 120, 175]
scales += [180 - s for s in (1, 1e-2, 1 / 3600, 10 * MAS_DEG, MAS_DEG, 0.1 * MAS_DEG)] + [180]
starts = [(0.0, 0.0), (0.0, 90.0), (12.3, -90.0), (359.9999999, 0.1), (180.0, 41.8), (266.4, -29.0), (33.0, 89.9999999), (200.0, -89.999)]
samples = []
for scale in scales:
    for start in starts + [(random.uniform(0, 360), math.degrees(math.asin(random.uniform(-1, 1)))) for _ in range(8)]:
        end = moved(*start, scale, random.uniform(0, 360))
        samples.append({"from_deg": start, "to_deg": end, "sep_rad": float(separation_rad(start, end))})
write(
    "separations",
    "Angle between two positions (degrees), rad, from 60-digit arithmetic on the exact doubles. From 0.1 mas to 180 deg.",
    ["mpmath"],
    {"pairs": samples},
)

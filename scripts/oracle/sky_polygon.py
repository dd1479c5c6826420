"""Points in spherical polygons by another road: gnomonic projection, where great circles are straight lines, then even-odd, with 50 digits."""

import math
import random

from mpmath import cos, mp, mpf, pi, sin

from sky_truth import SEED, write

mp.dps = 50
random.seed(SEED)


def vector(ra, dec):
    a, d = mpf(ra) * pi / 180, mpf(dec) * pi / 180
    return (cos(d) * cos(a), cos(d) * sin(a), sin(d))


def dot(a, b):
    return sum(p * q for p, q in zip(a, b))


def projector(ra, dec):
    a, d = mpf(ra) * pi / 180, mpf(dec) * pi / 180
    c = vector(ra, dec)
    e = (-sin(a), cos(a), mpf(0))
    n = (-sin(d) * cos(a), -sin(d) * sin(a), cos(d))

    def project(v):
        height = dot(v, c)
        return None if height <= 0 else (dot(v, e) / height, dot(v, n) / height)

    return project, (c, e, n)


def inside(flat, p):
    odd = False
    for (x1, y1), (x2, y2) in zip(flat, flat[1:] + flat[:1]):
        if (y1 > p[1]) != (y2 > p[1]) and p[0] < x1 + (p[1] - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


def to_degrees(basis, x, y):
    c, e, n = basis
    v = [c[i] + x * e[i] + y * n[i] for i in range(3)]
    norm = mp.sqrt(dot(v, v))
    return float(mp.degrees(mp.atan2(v[1], v[0])) % 360), float(mp.degrees(mp.asin(v[2] / norm)))


def star(count, size):
    """A star-shaped polygon, often not convex, in the plane of projection."""
    angles = sorted(random.uniform(0, 2 * math.pi) for _ in range(count))
    radii = [size * random.uniform(0.2, 1) for _ in angles]
    # three spread angles keep the origin inside
    angles[0], radii[0] = 0.1, size
    angles = sorted(angles + [2.2, 4.3])
    radii = (radii + [size, size])[: len(angles)]
    return [(mpf(r * math.cos(t)), mpf(r * math.sin(t))) for r, t in zip(radii, angles)]


centres = [(0.0, 90.0), (0.0, -90.0), (0.0, 0.0), (359.99, 45.0), (180.0, -41.8), (45.0, 41.8), (266.0, -29.0), (10.0, 89.99)]
polygons = []
for i in range(48):
    centre = centres[i % len(centres)] if i < 32 else (random.uniform(0, 360), random.uniform(-85, 85))
    # tan of the half size: from 2 mas to 84 deg
    size = [1e-8, 5e-6, 1e-3, 0.03, 0.5, 3, 9.5][i % 7]
    project, basis = projector(*centre)
    vertices = [to_degrees(basis, x, y) for x, y in star(random.randint(3, 14), size)]
    if i % 2:
        vertices.reverse()
    flat = [project(vector(*v)) for v in vertices]
    points = []
    while len(points) < 40:
        if len(points) < 32:
            p = to_degrees(basis, mpf(random.uniform(-1.2, 1.2) * size), mpf(random.uniform(-1.2, 1.2) * size))
        else:
            p = (random.uniform(0, 360), math.degrees(math.asin(random.uniform(-1, 1))))
        q = project(vector(*p))
        points.append([p[0], p[1], 1 if q is not None and inside(flat, q) else 0])
    polygons.append({"vertices_deg": vertices, "points": points})
write(
    "polygons",
    "Polygons within a hemisphere (vertices in degrees, either order round) and points [ra, dec, 1 if inside], by gnomonic projection and even-odd "
    "with 50 digits from the exact doubles. Sizes from 2 mas to 84 deg, at the poles, RA 0 and anywhere.",
    ["mpmath"],
    {"polygons": polygons},
)

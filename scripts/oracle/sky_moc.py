"""MOC text, set operations and membership from mocpy (the Rust moc crate of CDS)."""

import astropy.units as u
import numpy as np
from astropy.coordinates import Angle, Latitude, Longitude
from mocpy import MOC

from sky_truth import SEED, write

rng = np.random.default_rng(SEED)


def text(moc):
    return " ".join(moc.to_string(format="ascii").split())


def random_moc(order, cells):
    """Cells of several orders, some of them whole faces."""
    moc = MOC.new_empty(order)
    for o in sorted({int(v) for v in rng.integers(0, order + 1, 3)} | {order}):
        cells_here = np.unique(rng.integers(0, 12 * 4**o, min(cells, 1 + o))).astype(np.uint64)
        moc = moc.union(MOC.from_healpix_cells(cells_here, np.full(len(cells_here), o, dtype=np.uint8), order))
    return moc


pairs = []
for i in range(60):
    order = int(rng.integers(0, 25)) if i > 6 else [0, 1, 5, 12, 13, 20, 24][i]
    a, b = random_moc(order, 8), random_moc(int(rng.integers(0, 25)), 8)
    pairs.append(
        {
            "a": text(a),
            "b": text(b),
            "a_json": a.serialize(format="json"),
            "union": text(a.union(b)),
            "intersection": text(a.intersection(b)),
            "complement_a": text(a.complement()),
            "fraction_a": float(a.sky_fraction),
        }
    )

contains = []
for i in range(12):
    order = [3, 5, 8, 9, 10, 12][i % 6]
    centre = [(0.0, 90.0), (0.0, 0.0), (359.9, -41.8), (45.0, 41.8)][i % 4]
    moc = MOC.from_cone(
        lon=Longitude(centre[0], u.deg), lat=Latitude(centre[1], u.deg), radius=Angle(30 / 2**order, u.deg), max_depth=order
    )
    ra = (centre[0] + rng.uniform(-1, 1, 40) * 60 / 2**order / max(np.cos(np.radians(centre[1])), 0.02)) % 360
    dec = np.clip(centre[1] + rng.uniform(-1, 1, 40) * 45 / 2**order, -90, 90)
    hit = moc.contains_lonlat(ra * u.deg, dec * u.deg)
    contains.append({"moc": text(moc), "points": [[float(a), float(d), int(h)] for a, d, h in zip(ra, dec, hit)]})

write(
    "mocs",
    "Canonical MOC text of random maps, their union, intersection and complement, and membership of positions (degrees) in maps of cones. Sky "
    "fraction of the first of each pair.",
    ["mocpy", "astropy", "numpy"],
    {"pairs": pairs, "contains": contains},
)

"""HEALPix NESTED truth for orders 0 to 24 from astropy-healpix and cdshealpix, which must agree on all of it."""

import astropy_healpix
import cdshealpix.nested as cds
import numpy as np
from astropy import units as u
from astropy.coordinates import Latitude, Longitude

from sky_truth import SEED, write

rng = np.random.default_rng(SEED)
ORDERS = range(25)
# the sine of this declination is 2/3: equatorial and polar formulas meet
MEET_DEG = float(np.degrees(np.arcsin(2 / 3)))


def astropy_ipix(order, ra, dec):
    return astropy_healpix.lonlat_to_healpix(ra * u.deg, dec * u.deg, 2**order, order="nested").astype(np.int64)


def cds_ipix(order, ra, dec):
    return cds.lonlat_to_healpix(Longitude(ra, u.deg), Latitude(dec, u.deg), order).astype(np.int64)


def positions():
    """Random ones, with poles, RA 0 and 360, quadrants, and the latitude where the formulas change: none of them on a pixel edge."""
    ra = rng.uniform(0, 360, 120)
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, 120)))
    out = list(zip(ra, dec))
    for pole in (1, -1):
        for away in (1e-9, 1e-7, 1e-5, 1e-3, 0.1, 1, 5):
            for near in (17.3, 100.1, 181.7, 359.9):
                out.append((near, pole * (90 - away)))
        for away in (-1e-6, -1e-9, 1e-9, 1e-6):
            out.append((float(rng.uniform(0, 360)), pole * (MEET_DEG + away)))
    for near in (1e-9, 1e-6, 90 - 1e-9, 90 + 1e-9, 180 + 1e-9, 270 - 1e-9, 360 - 1e-9, 360 - 1e-12):
        for at in (-77.7, -41.3, -3.1, 12.9, 41.9, 68.3):
            out.append((near, at))
    out += beside_corners_near_poles()
    return [(float(a), float(d)) for a, d in out]


def beside_corners_near_poles():
    """0.03 % of the way from a corner to the centre of pixels of order 24, up to 30 pixels from a pole: sqrt(3 (1 - |z|)) fails here."""
    out = []
    face = 4**24
    for i in range(60):
        # x and y count down from the pole on northern faces, up on southern ones
        x, y = (int(v) for v in rng.integers(0, 30, 2))
        bits = sum(((x >> b) & 1) << (2 * b) | ((y >> b) & 1) << (2 * b + 1) for b in range(6))
        ipix = int(rng.integers(0, 4) + 1) * face - 1 - bits if i % 2 else int(rng.integers(8, 12)) * face + bits
        centre = cds.healpix_to_lonlat(np.array([ipix], dtype=np.uint64), 24)
        corner = cds.vertices(np.array([ipix], dtype=np.uint64), 24)
        c, k = (np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon)]) for lon, lat in
                ((centre[0].rad[0], centre[1].rad[0]), (corner[0].rad[0, i % 4], corner[1].rad[0, i % 4])))
        v = k + 0.0003 * (c - k)
        away = float(np.degrees(np.arcsin(np.hypot(*v))))
        out.append((float(np.degrees(np.arctan2(v[1], v[0])) % 360), 90 - away if i % 2 else away - 90))
    return out


def ipix_samples():
    places = positions()
    ra = np.array([p[0] for p in places])
    dec = np.array([p[1] for p in places])
    by_order = []
    for order in ORDERS:
        one, two = astropy_ipix(order, ra, dec), cds_ipix(order, ra, dec)
        differ = np.nonzero(one != two)[0]
        assert len(differ) == 0, f"order {order}: {[(places[i], one[i], two[i]) for i in differ]}"
        by_order.append([int(p) for p in two])
    return [{"ra_deg": a, "dec_deg": d, "ipix": [by_order[order][i] for order in ORDERS]} for i, (a, d) in enumerate(places)]


def around(order, ra, dec):
    """Every pixel that either library names within 1e-13 deg of a place: a place on an edge belongs to any of them."""
    step = 1e-13
    ras, decs = [ra], [dec]
    for angle in np.arange(8) * np.pi / 4:
        d = dec + step * np.sin(angle)
        if abs(d) > 90:
            continue
        ras.append((ra + step * np.cos(angle) / max(np.cos(np.radians(dec)), 1e-13)) % 360)
        decs.append(d)
    if abs(dec) == 90:
        ras, decs = [0.5, 90.5, 180.5, 270.5], [dec] * 4
    ras, decs = np.array(ras), np.array(decs)
    found = set(astropy_ipix(order, ras, decs)) | set(cds_ipix(order, ras, decs))
    return sorted(int(p) for p in found)


def some_pixels(order, random):
    count = 12 * 4**order
    face = 4**order
    pixels = {0, face - 1, 4 * face, 5 * face - 1, 11 * face, 12 * face - 1}
    for f in (1, 6, 9):
        # the four corners of a face: east is all x bits, west all y bits
        pixels |= {f * face, f * face + (face - 1) // 3, f * face + 2 * (face - 1) // 3, f * face + face - 1}
    pixels |= {int(p) for p in rng.integers(0, count, random)}
    return sorted(p for p in pixels if 0 <= p < count)


def edge_samples():
    """Corners and middles of edges of pixels, and the exact poles, quadrants and meeting latitudes."""
    out = []
    for order in ORDERS:
        pixels = some_pixels(order, 3)
        lon, lat = cds.vertices(np.array(pixels, dtype=np.uint64), order, step=2)
        picks = rng.choice(lon.size, 24, replace=False)
        places = [(float(a) % 360, float(d)) for a, d in zip(lon.deg.ravel()[picks], lat.deg.ravel()[picks])]
        places += [(0.0, 90.0), (123.4, 90.0), (0.0, -90.0), (90.0, 0.0), (45.0, 0.0), (270.0, MEET_DEG), (45.0, -MEET_DEG), (0.0, MEET_DEG)]
        for ra, dec in places:
            out.append({"order": order, "ra_deg": ra, "dec_deg": dec, "ipix_any": around(order, ra, dec)})
    return out


def pixel_samples():
    """Centre, corners (S, E, N, W) and neighbours (SW W NW N NE E SE S, missing ones left out)."""
    out = []
    for order in ORDERS:
        pixels = np.array(some_pixels(order, 6), dtype=np.int64)
        lon, lat = cds.healpix_to_lonlat(pixels.astype(np.uint64), order)
        lon2, lat2 = astropy_healpix.healpix_to_lonlat(pixels, 2**order, order="nested")
        assert np.max(np.abs(lat.rad - lat2.rad)) < 1e-13, (order, np.max(np.abs(lat.rad - lat2.rad)))
        corner_lon, corner_lat = cds.vertices(pixels.astype(np.uint64), order)
        around_all = astropy_healpix.neighbours(pixels, 2**order, order="nested")
        around_cds = cds.neighbours(pixels.astype(np.uint64), order)
        for i, ipix in enumerate(pixels):
            neighbours = [int(n) for n in around_all[:, i] if n >= 0]
            other = {int(n) for n in around_cds[i] if n >= 0 and n != ipix}
            assert set(neighbours) == other, (order, ipix, neighbours, other)
            out.append(
                {
                    "order": order,
                    "ipix": int(ipix),
                    "centre_rad": [float(lon[i].rad), float(lat[i].rad)],
                    "corners_rad": [[float(a), float(d)] for a, d in zip(corner_lon[i].rad, corner_lat[i].rad)],
                    "neighbours": neighbours,
                }
            )
    return out


write(
    "healpix",
    "NESTED pixels of positions (degrees, ICRS) at orders 0 to 24; the pixels that meet at places on edges and corners; centres, corners "
    "(south, east, north, west) and neighbours of pixels.",
    ["astropy-healpix", "cdshealpix", "numpy"],
    {"positions": ipix_samples(), "edges": edge_samples(), "pixels": pixel_samples()},
)

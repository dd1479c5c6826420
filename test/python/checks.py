"""What the checks share: the service's address, the rows it was fed, and a plain form to compare answers in."""

import json
import math
import sys
import urllib.request

import erfa
import numpy as np
from astropy.coordinates import SkyCoord

CHECKS = []

FLOAT32 = (
    "exptime_s ra_err_arcsec dec_err_arcsec diff_flux_njy diff_flux_err_njy sci_flux_njy sci_flux_err_njy mag_ab mag_err "
    "mag_limit_ab snr reliability trail_len_arcsec trail_pa_deg"
).split()
FLOAT64 = ["mjd_tai", "mjd_utc", "ra_deg", "dec_deg"]
INTEGER = ["detector"]
TEXT = ["survey", "source_id", "object_id", "exposure_id", "station", "band", "kind", "flags"]
COLUMNS = (
    "survey source_id object_id exposure_id detector station mjd_tai mjd_utc exptime_s ra_deg dec_deg ra_err_arcsec "
    "dec_err_arcsec band diff_flux_njy diff_flux_err_njy sci_flux_njy sci_flux_err_njy mag_ab mag_err mag_limit_ab snr "
    "reliability trail_len_arcsec trail_pa_deg kind flags sep_arcsec"
).split()

# An ulp of an MJD is 7e-12 d; erfa's and our leap seconds are added in another order.
UTC_TOLERANCE_DAYS = 2e-11
# Text has nine decimals of sep_arcsec; positions as float64 degrees give some 1e-10 arcsec.
SEP_TOLERANCE_ARCSEC = 2e-9


def check(name):
    """Marks a function as a check. readers.test.ts finds the names by this line, so it must be a literal."""

    def mark(function):
        CHECKS.append((name, function))
        return function

    return mark


class Feed:
    """What readers.test.ts started and fed: `places` are cones with the rows in them, in the order of answers."""

    def __init__(self, text):
        told = json.loads(text)
        self.rest = told["rest"]
        self.grpc = told["grpc"]
        self.proto = told["proto"]
        self.places = told["places"]

    def cone(self, place, **more):
        at = self.places[place]
        return self.url("/v1/cone", ra=at["ra"], dec=at["dec"], radius_arcsec=at["radius_arcsec"], **more)

    def url(self, path, **parameters):
        return f"{self.rest}{path}?" + "&".join(f"{name}={value}" for name, value in parameters.items())

    def rows(self, place):
        """The rows as they must come back: what was sent, and what follows from it by independent code."""
        at = self.places[place]
        centre = SkyCoord(at["ra"], at["dec"], unit="deg")
        rows = []
        for sent in at["rows"]:
            row = {name: plain(name, sent.get(name)) for name in COLUMNS}
            row["object_id"] = sent.get("object_id") or f"{sent['survey']}:{sent['source_id']}"
            row["kind"] = sent.get("kind", "detection")
            row["flags"] = sent.get("flags", "0")
            row["mjd_utc"] = utc_of_tai(row["mjd_tai"])
            row["sep_arcsec"] = float(SkyCoord(row["ra_deg"], row["dec_deg"], unit="deg").separation(centre).arcsec)
            rows.append(row)
        return rows


def utc_of_tai(mjd_tai):
    """erfa alone: astropy's Time may want to fetch a table."""
    jd1, jd2 = erfa.taiutc(2400000.5, mjd_tai)
    return float((jd1 - 2400000.5) + jd2)


def plain(name, value):
    """One value without what differs between formats on purpose: None for null, text for ids, float32 rounded."""
    if value is None or value is np.ma.masked or (isinstance(value, (float, np.floating)) and math.isnan(value)):
        return None
    if name in TEXT:
        # a whole column of integers is integers in a CSV; a float has lost digits, and fails the comparison
        return str(value)
    if name in INTEGER:
        assert float(value).is_integer(), f"{name} is {value}"
        return int(value)
    return float(np.float32(value)) if name in FLOAT32 else float(value)


def plain_rows(records):
    return [{name: plain(name, value) for name, value in record.items()} for record in records]


def must_equal(found, wanted, what):
    """Row by row and value by value; only what is computed has a tolerance."""
    assert len(found) == len(wanted), f"{what}: {len(found)} rows, wanted {len(wanted)}"
    for number, (row, want) in enumerate(zip(found, wanted)):
        for name, value in want.items():
            got = row.get(name)
            if name == "sep_arcsec" and name not in row:
                continue  # rows without a position that was asked for
            same = got == value and type(got) is type(value)
            if name == "mjd_utc":
                same = got is not None and abs(got - value) <= UTC_TOLERANCE_DAYS
            if name == "sep_arcsec" and value is not None:
                same = got is not None and abs(got - value) <= SEP_TOLERANCE_ARCSEC
            assert same, f"{what}: row {number} ({want['source_id']}): {name} is {got!r}, wanted {value!r}"


def fetch(url, body=None, content_type=None):
    """(status, headers, bytes) of GET, or POST when there is a body."""
    request = urllib.request.Request(url, data=body, headers={"content-type": content_type} if content_type else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def run_all(feed):
    """Prints one JSON line a check."""
    for name, function in CHECKS:
        problem = None
        try:
            function(feed)
        except Exception as error:  # a check must not hide the ones after it
            problem = f"{type(error).__name__}: {error}"
        print(json.dumps({"check": name, "problem": problem}), flush=True)
    sys.stdout.flush()

"""UTC, TAI and TT from ERFA. Times are given as a whole MJD and the seconds of that day, so that truth has more digits than one double."""

import warnings

import erfa
import numpy as np

from sky_truth import SEED, write

warnings.simplefilter("ignore")  # "dubious year" outside 1960 to five years from now
rng = np.random.default_rng(SEED)
MJD0 = 2400000.5


def split(jd1, jd2):
    """A two-part JD as (whole MJD, fraction of the day)."""
    day1, day2 = jd1 - MJD0, jd2
    whole = np.floor(day1) + np.floor(day2)
    fraction = (day1 - np.floor(day1)) + (day2 - np.floor(day2))
    carry = np.floor(fraction)
    return int(whole + carry), float(fraction - carry)


def iso_samples():
    """Calendar text to quasi-MJD. Leap seconds, the second before and after each, ordinary days, and days with a step before 1972."""
    out = []
    steps = erfa.leap_seconds.get()
    texts = []
    for year, month, _ in steps:
        jd1, jd2 = erfa.cal2jd(int(year), int(month), 1)
        y, m, d, _ = erfa.jd2cal(jd1, jd2 - 1)
        leap = year > 1972 or (year == 1972 and month == 7)
        # ERFA has no UTC before 1960 and makes a step of 0.94 s there; we hold TAI - UTC constant instead, so that day is left out
        for h, mi, s in [] if year == 1960 else [(0, 0, 0.0), (12, 0, 0.0), (23, 59, 59.0), (23, 59, 59.5)] + ([(23, 59, 60.0), (23, 59, 60.75)] if leap else []):
            if not leap and s == 59.5 and year < 1972:
                s = 59.25
            texts.append((int(y), int(m), int(d), h, mi, s))
        texts.append((int(year), int(month), 1, 0, 0, 0.0))
    for _ in range(80):
        y = int(rng.integers(1850, 2100))
        texts.append((y, int(rng.integers(1, 13)), int(rng.integers(1, 29)), int(rng.integers(0, 24)), int(rng.integers(0, 60)), float(rng.integers(0, 60000)) / 1000))
    texts += [(2000, 2, 29, 1, 2, 3.25), (1900, 2, 28, 23, 59, 59.0), (1858, 11, 17, 0, 0, 0.0), (2024, 2, 29, 12, 0, 0.0), (1, 1, 1, 0, 0, 0.0), (9999, 12, 31, 6, 0, 0.0)]
    for y, m, d, h, mi, s in texts:
        jd1, jd2 = erfa.dtf2d("UTC", y, m, d, h, mi, s)
        day, fraction = split(jd1, jd2)
        whole = int(s)
        iso = f"{y:04d}-{m:02d}-{d:02d}T{h:02d}:{mi:02d}:{whole:02d}.{round((s - whole) * 1000):03d}Z"
        out.append({"iso": iso, "mjd_day": day, "day_fraction": fraction})
    return out


def scale_samples():
    """One double of MJD UTC to TAI and TT, and of MJD TAI back to UTC."""
    mjds = list(rng.uniform(36934, 41317, 60)) + list(rng.uniform(41317, 57754, 60)) + list(rng.uniform(57754, 70000, 60))
    for year, month, _ in erfa.leap_seconds.get():
        day = erfa.cal2jd(int(year), int(month), 1)[1]
        mjds += [float(day), day - 1e-6, day + 1e-6, day - 0.5, day + 2e-4, day + 5e-4]
    out = []
    for mjd in mjds:
        mjd = float(mjd)
        if mjd < 36934:
            continue
        # day and fraction apart, else ERFA too would round to one double
        day = np.floor(mjd)
        tai = erfa.utctai(MJD0 + day, mjd - day)
        tt = erfa.taitt(*tai)
        utc = erfa.taiutc(MJD0 + day, mjd - day) if mjd > 36935 else None
        row = {"mjd": mjd, "tai_of_utc": split(*tai), "tt_of_utc": split(*tt)}
        row["utc_of_tai"] = split(*utc) if utc is not None else None
        out.append(row)
    return out


def offset_samples():
    """TAI - UTC, seconds, on the first day of each row of the table and half way through the day, as dat.c gives it."""
    out = []
    for year, month, offset in erfa.leap_seconds.get():
        for day, fraction in ((1, 0.0), (15, 0.5)):
            seconds = float(erfa.dat(int(year), int(month), day, fraction))
            mjd = float(erfa.cal2jd(int(year), int(month), day)[1]) + fraction
            out.append({"mjd_utc": mjd, "tai_minus_utc_sec": seconds, "row_offset_sec": float(offset)})
    return out


write(
    "time",
    "ISO 8601 UTC to quasi-MJD (erfa dtf2d); UTC to TAI and TT and TAI to UTC (utctai, taitt, taiutc) of one double each, as [whole MJD, fraction "
    "of day]; TAI - UTC (dat) at the start of each row of the leap second table and on its 15th day at noon.",
    ["pyerfa", "numpy"],
    {"iso": iso_samples(), "scales": scale_samples(), "offsets": offset_samples()},
)

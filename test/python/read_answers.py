"""Reads the answers of a running service with what astronomers use, without glue.

usage: read_answers.py URL   (a service with the rows of test/python/readAnswers.test.ts)
Prints one line for each check that holds; a failed one ends the script with its traceback.
"""

import io
import json
import sys
import urllib.request
import warnings

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import requests
from astropy.io.votable import parse_single_table, validate
from astropy.table import Table

BASE = sys.argv[1]
CONE = f"{BASE}/v1/cone?ra=10&dec=20&radius_arcsec=5"
# an id that a double would round, one that a spreadsheet would take for a formula, text with a comma
IDS = ["9223372036854775807", "=1+1", 'ZTF"17,0', "9007199254740993"]
TEXT = {"source_id": str, "exposure_id": str, "flags": str}


def held(what):
    print("holds:", what)


def get(url):
    return urllib.request.urlopen(url).read()


def check_ids(values, what):
    assert list(values) == IDS, f"{what}: {list(values)}"
    held(f"{what}: ids are exact")


frame = pd.read_csv(f"{CONE}&format=csv", dtype=TEXT)
check_ids(frame["source_id"], "pandas.read_csv")
assert np.isnan(frame["mag_ab"][1]) and frame["mag_ab"].astype("float32")[0] == np.float32(18.123)
numbers = pd.read_csv(f"{CONE}&format=csv&survey=RUBIN")
assert numbers["source_id"].dtype == np.int64 and numbers["source_id"][0] == 9007199254740993
held("pandas.read_csv: ids of a survey with numbers are int64 without any option")

body = json.loads(get(CONE))
frame = pd.DataFrame(body["detections"])
check_ids(frame["source_id"], "pandas.DataFrame of JSON")
assert body["truncated"] is False and frame["exposure_id"][0] == "170587115523932323"
check_ids(pd.read_json(io.BytesIO(get(f"{CONE}&format=ndjson")), lines=True, dtype=False)["source_id"], "pandas.read_json of NDJSON")

with warnings.catch_warnings():
    warnings.simplefilter("error")
    table = Table.read(f"{CONE}&format=votable", format="votable")
check_ids(table["source_id"], "astropy Table.read")
assert table["ra_deg"].unit == u.deg and table["sep_arcsec"].unit == u.arcsec and table["mjd_tai"].unit == u.day
assert table["diff_flux_njy"].unit == u.nJy and table["mag_ab"].unit == u.mag
assert table["mag_ab"].mask[1] or np.isnan(table["mag_ab"][1])
assert table["detector"].mask[1] and table["detector"][0] == 3
assert table["mag_ab"][0] == np.float32(18.123)
held("astropy Table.read: units, float32 and missing values")

votable = parse_single_table(io.BytesIO(get(f"{CONE}&format=votable")))
scales = {field.name: field.ref for field in votable.fields if field.ref in ("tai", "utc")}
assert scales == {"mjd_tai": "tai", "mjd_utc": "utc"}, scales
report = io.StringIO()
assert validate(io.BytesIO(get(f"{CONE}&format=votable")), output=report), report.getvalue()
held("astropy.io.votable.validate: clean")

table = pa.ipc.open_stream(urllib.request.urlopen(f"{CONE}&format=arrow")).read_all()
check_ids(table["source_id"].to_pylist(), "pyarrow.ipc.open_stream")
table.validate(full=True)
assert table["mag_ab"].null_count == 2 and table["mag_ab"].type == pa.float32()
assert table["flags"][0].as_py() == "18446744073709551615"
assert table.schema.field("ra_deg").metadata[b"unit"] == b"deg"
held("pyarrow.ipc.open_stream: types, nulls, units")

frame = pd.read_parquet(io.BytesIO(get(f"{CONE}&format=parquet")))
check_ids(frame["source_id"], "pandas.read_parquet")
assert frame["mag_ab"].dtype == np.float32 and frame["mjd_tai"].dtype == np.float64
held("pandas.read_parquet: types")

cut = urllib.request.urlopen(f"{CONE}&limit=1&format=csv")
assert cut.headers["Nightjar-Truncated"] == "true" and cut.headers["Nightjar-Next-Cursor"]
pages, url = [], f"{CONE}&limit=1"
while url:
    reply = requests.get(url)
    pages += [row["source_id"] for row in reply.json()["detections"]]
    url = BASE + reply.links["next"]["url"] if "next" in reply.links else None
check_ids(pages, "requests, following links")

targets = "id,ra,dec\nnear,10,20\nempty,50,2\n"
reply = requests.post(f"{BASE}/v1/cone/bulk?find=each&radius_arcsec=1&format=csv", files={"table": ("targets.csv", targets)})
frame = pd.read_csv(io.StringIO(reply.text), dtype=TEXT)
assert list(frame["id"]) == ["near", "empty"] and frame["source_id"].isna().tolist() == [False, True]
held("requests.post(files=...): a bulk cone search of a CSV file")

big = pa.ipc.open_stream(urllib.request.urlopen(f"{BASE}/v1/cone?ra=120&dec=0&radius_deg=2&limit=100000&format=arrow")).read_all()
whole = pd.read_csv(f"{BASE}/v1/cone?ra=120&dec=0&radius_deg=2&limit=100000&format=csv")
parquet = pd.read_parquet(io.BytesIO(get(f"{BASE}/v1/cone?ra=120&dec=0&radius_deg=2&limit=100000&format=parquet")))
big.validate(full=True)
assert big.num_rows == len(whole) == len(parquet) == 40000
assert (big["ra_deg"].to_numpy() == whole["ra_deg"].to_numpy()).all() and (parquet["ra_deg"] == whole["ra_deg"]).all()
assert (big["mag_ab"].to_numpy() == whole["mag_ab"].to_numpy().astype("float32")).all()
held("answers in several parts are whole, and their numbers the same")

print("all held")

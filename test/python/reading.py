"""Answers, read without glue."""

import io
import json
import urllib.error
import urllib.request

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io.votable import parse, validate
from astropy.table import Table
from checks import COLUMNS, FLOAT32, FLOAT64, TEXT, check, fetch, must_equal, plain_rows

# pandas guesses types by what it sees; ids with blanks between them need this.
ID_TYPES = {"exposure_id": "Int64", "detector": "Int32"}


def csv_rows(frame):
    return plain_rows(frame.astype(object).where(frame.notna(), None).to_dict("records"))


def arrow_table(url):
    with urllib.request.urlopen(url) as reply:
        return pa.ipc.open_stream(reply).read_all()


def votable_rows(table):
    return plain_rows({name: masked_or_text(row[name]) for name in table.colnames} for row in table)


def stripped(rows):
    """astropy drops blanks at the ends of a TD; they are in the document."""
    return [{name: value.strip() if isinstance(value, str) else value for name, value in row.items()} for row in rows]


def masked_or_text(value):
    """astropy has no null for text but the empty one."""
    return None if isinstance(value, str) and value == "" else value


@check("pandas.read_csv keeps ids beyond 2^53 exact: int64 where all are numbers")
def read_csv_numbers(feed):
    frame = pd.read_csv(feed.cone("numbers", format="csv"))
    assert list(frame.columns) == COLUMNS, f"columns are {list(frame.columns)}"
    assert frame["source_id"].dtype == np.int64, f"source_id is {frame['source_id'].dtype}"
    wanted = [int(row["source_id"]) for row in feed.rows("numbers")]
    assert frame["source_id"].tolist() == wanted
    assert {2**63 - 1, -(2**63), 2**53 + 1} <= set(wanted), "the rows no longer hold the ids that break"
    assert frame["flags"].dtype == np.uint64 and frame["flags"].max() == 2**64 - 1, "flags lost bits"


@check("pandas.read_csv keeps ids as text where some are text: leading zeros, quotes, blanks and all")
def read_csv_texts(feed):
    frame = pd.read_csv(feed.cone("texts", format="csv"))
    assert pd.api.types.is_string_dtype(frame["source_id"].dtype), f"source_id is {frame['source_id'].dtype}"
    assert frame["source_id"].tolist() == [row["source_id"] for row in feed.rows("texts")]


@check("pandas.read_csv gives every float as it is stored, and NaN for an empty field")
def read_csv_floats(feed):
    frame = pd.read_csv(feed.cone("numbers", format="csv"), dtype=ID_TYPES, float_precision="round_trip")
    must_equal(csv_rows(frame), feed.rows("numbers"), "csv")
    assert frame["mag_ab"].isna().any() and frame["mag_ab"].notna().any()
    default = pd.read_csv(feed.cone("numbers", format="csv"))
    for name in FLOAT64:
        np.testing.assert_array_max_ulp(default[name].to_numpy(np.float64), frame[name].to_numpy(np.float64), maxulp=1)


@check("a pandas.DataFrame of the JSON answer has every row and value")
def json_frame(feed):
    with urllib.request.urlopen(feed.cone("numbers")) as reply:
        answer = json.load(reply)
    assert answer["truncated"] is False and answer["next"] is None and answer["count"] == len(answer["detections"])
    frame = pd.DataFrame(answer["detections"])
    assert list(frame.columns) == COLUMNS
    assert all(isinstance(value, str) for value in frame["source_id"]), "ids must be strings"
    must_equal(plain_rows(answer["detections"]), feed.rows("numbers"), "json")


@check("pandas.read_json reads NDJSON, ids as they are when told so")
def read_ndjson(feed):
    types = {name: str for name in ("source_id", "object_id")}
    frame = pd.read_json(feed.cone("texts", format="ndjson"), lines=True, dtype=types, precise_float=True)
    assert frame["source_id"].tolist() == [row["source_id"] for row in feed.rows("texts")]
    np.testing.assert_array_max_ulp(frame["ra_deg"].to_numpy(), np.array([row["ra_deg"] for row in feed.rows("texts")]), maxulp=1)
    assert frame["mag_ab"].isna().tolist() == [row["mag_ab"] is None for row in feed.rows("texts")]


@check("astropy reads a VOTable by its URL: units, masked nulls, ids as text")
def read_votable(feed):
    table = Table.read(feed.cone("numbers", format="votable"), format="votable")
    assert table.colnames == COLUMNS
    units = {"ra_deg": u.deg, "mjd_tai": u.d, "mag_ab": u.mag, "diff_flux_njy": u.nJy, "sep_arcsec": u.arcsec, "exptime_s": u.s}
    for name, unit in units.items():
        assert table[name].unit == unit, f"{name} is in {table[name].unit}"
    for name in COLUMNS:
        # validators take any unit
        assert not isinstance(table[name].unit, u.UnrecognizedUnit), f"{name} is in {table[name].unit}"
    assert table["source_id"].dtype.kind in "UO" and isinstance(table["source_id"][0], str)
    wanted = feed.rows("numbers")
    for name in ("mag_ab", "detector", "snr"):
        mask = np.broadcast_to(np.ma.getmaskarray(table[name]), len(table)).tolist()
        assert mask == [row[name] is None for row in wanted], f"nulls of {name} are {mask}"
    assert table["ra_deg"].dtype == np.float64 and table["mag_ab"].dtype == np.float32 and table["detector"].dtype == np.int32
    must_equal(votable_rows(table), wanted, "votable")


@check("a VOTable keeps text that is no ASCII, or holds what XML escapes")
def read_votable_texts(feed):
    table = Table.read(feed.cone("texts", format="votable"), format="votable")
    must_equal(votable_rows(table), stripped(feed.rows("texts")), "votable")
    assert b"<TD> blank </TD>" in fetch(feed.cone("texts", format="votable"))[2]


@check("VOTable times say their scale, positions their frame")
def votable_systems(feed):
    votable = parse(io.BytesIO(fetch(feed.cone("numbers", format="votable"))[2]))
    resource = votable.resources[0]
    scales = {system.ID: system.timescale for system in resource.time_systems}
    fields = {field.name: field for field in resource.tables[0].fields}
    assert scales[fields["mjd_tai"].ref] == "TAI" and scales[fields["mjd_utc"].ref] == "UTC"
    frames = {system.ID: system.system for system in resource.coordinate_systems}
    assert frames[fields["ra_deg"].ref] == "ICRS"


@check("astropy's validator finds nothing in VOTables: cone, empty, cut, light curve, bulk")
def votable_valid(feed):
    positions = feed.places["numbers"]
    body = f"id,ra,dec\nhere,{positions['ra']},{positions['dec']}\nnowhere,300,80\n".encode()
    documents = {
        "cone": fetch(feed.cone("numbers", format="votable")),
        "text ids": fetch(feed.cone("texts", format="votable")),
        "empty": fetch(feed.url("/v1/cone", ra=300, dec=80, radius_arcsec=1, format="votable")),
        "cut": fetch(feed.cone("numbers", format="votable", limit=3)),
        "light curve": fetch(feed.url("/v1/objects/LC-1/light-curve", format="votable")),
        "bulk": fetch(feed.url("/v1/cone/bulk", format="votable", find="each", radius_arcsec=60), body, "text/csv"),
    }
    for name, (status, _, document) in documents.items():
        assert status == 200, f"{name}: {status} {document[:300]}"
        said = io.StringIO()
        assert validate(io.BytesIO(document), output=said), f"{name}: {said.getvalue()[:1000]}"
    cone = documents["cone"][2]
    for right, wrong in ((b'ucd="phot.mag"', b'ucd="phot.nonsense"'), (b"<TD>10</TD>", b"<TD>x</TD>")):
        assert right in cone and not validate(io.BytesIO(cone.replace(right, wrong, 1)), output=io.StringIO()), f"the validator takes {wrong}"


@check("pyarrow reads the Arrow stream: types, nulls, units")
def read_arrow(feed):
    table = arrow_table(feed.cone("numbers", format="arrow"))
    table.validate(full=True)
    types = {name: pa.float32() for name in FLOAT32} | {name: pa.float64() for name in FLOAT64}
    types |= {name: pa.string() for name in TEXT} | {"detector": pa.int32(), "sep_arcsec": pa.float64()}
    assert {field.name: field.type for field in table.schema} == types
    assert table.schema.field("ra_deg").metadata[b"unit"] == b"deg"
    wanted = feed.rows("numbers")
    assert table["mag_ab"].null_count == sum(row["mag_ab"] is None for row in wanted) > 0
    must_equal(plain_rows(table.to_pylist()), wanted, "arrow")
    must_equal(plain_rows(arrow_table(feed.cone("texts", format="arrow")).to_pylist()), feed.rows("texts"), "arrow")


@check("pandas.read_parquet reads Parquet by its URL: types, nulls, exact ids")
def read_parquet(feed):
    frame = pd.read_parquet(feed.cone("numbers", format="parquet"))
    assert list(frame.columns) == COLUMNS
    assert frame["mag_ab"].dtype == np.float32 and frame["ra_deg"].dtype == np.float64
    assert frame["source_id"].tolist() == [row["source_id"] for row in feed.rows("numbers")]
    must_equal(parquet_rows(feed, "numbers"), feed.rows("numbers"), "parquet")
    must_equal(parquet_rows(feed, "texts"), feed.rows("texts"), "parquet")


def parquet_rows(feed, place):
    return plain_rows(pq.read_table(io.BytesIO(fetch(feed.cone(place, format="parquet"))[2])).to_pylist())


@check("all six formats say the same, row by row and value by value")
def formats_agree(feed):
    for place in ("numbers", "texts"):
        rows = plain_rows(json.loads(fetch(feed.cone(place, format="json"))[2])["detections"])
        ndjson = fetch(feed.cone(place, format="ndjson"))[2].decode().splitlines()
        frame = pd.read_csv(feed.cone(place, format="csv"), dtype=ID_TYPES, float_precision="round_trip")
        others = {
            "ndjson": plain_rows(json.loads(line) for line in ndjson),
            "csv": csv_rows(frame),
            "votable": votable_rows(Table.read(feed.cone(place, format="votable"), format="votable")),
            "arrow": plain_rows(arrow_table(feed.cone(place, format="arrow")).to_pylist()),
            "parquet": parquet_rows(feed, place),
        }
        for name, other in others.items():
            must_equal(other, stripped(rows) if name == "votable" else rows, f"{name} against json")
            # not even the last bit may differ between formats
            assert [row["mjd_utc"] for row in other] == [row["mjd_utc"] for row in rows], f"mjd_utc of {name}"


@check("a cut answer says so in every format, and its cursor gives the rest")
def cut_answers(feed):
    wanted = feed.rows("numbers")

    def cut(name):
        status, headers, body = fetch(feed.cone("numbers", format=name, limit=5))
        assert status == 200 and headers["nightjar-truncated"] == "true", f"{name}: {status}, {headers}"
        assert 'rel="next"' in headers["link"]
        return headers["nightjar-next-cursor"], body

    cursor, body = cut("json")
    answer = json.loads(body)
    assert answer["truncated"] is True and answer["next"] == cursor and answer["count"] == 5
    must_equal(plain_rows(answer["detections"]), wanted[:5], "first page")

    infos = {info.name: info.value for info in parse(io.BytesIO(cut("votable")[1])).resources[0].infos}
    assert infos == {"QUERY_STATUS": "OVERFLOW", "next_cursor": cursor}
    metadata = pa.ipc.open_stream(cut("arrow")[1]).schema.metadata
    assert metadata[b"truncated"] == b"true" and metadata[b"next"] == cursor.encode()
    metadata = pq.read_schema(io.BytesIO(cut("parquet")[1])).metadata
    assert metadata[b"truncated"] == b"true" and metadata[b"next"] == cursor.encode()
    assert len(pd.read_csv(io.BytesIO(cut("csv")[1]))) == 5
    assert len(cut("ndjson")[1].splitlines()) == 5

    _, headers, body = fetch(feed.cone("numbers", format="arrow", cursor=cursor))
    assert headers["nightjar-truncated"] is None, "the rest is whole"
    must_equal(plain_rows(pa.ipc.open_stream(body).read_all().to_pylist()), wanted[5:], "the rest")


@check("an empty answer has all columns and no row in every format")
def empty_answers(feed):
    def empty(name):
        return feed.url("/v1/cone", ra=300, dec=80, radius_arcsec=1, format=name)

    found = {
        "csv": pd.read_csv(empty("csv")),
        "votable": Table.read(empty("votable"), format="votable"),
        "arrow": arrow_table(empty("arrow")).to_pandas(),
        "parquet": pd.read_parquet(empty("parquet")),
    }
    for name, table in found.items():
        columns = list(table.colnames if name == "votable" else table.columns)
        assert len(table) == 0 and columns == COLUMNS, f"{name}: {len(table)} rows of {columns}"
    assert json.loads(fetch(empty("json"))[2])["detections"] == []
    assert fetch(empty("ndjson"))[2] == b""


@check("a light curve is in order of time, with forced rows and upper limits marked")
def light_curve(feed):
    frame = pd.read_csv(feed.url("/v1/objects/LC-1/light-curve", format="csv"), float_precision="round_trip")
    assert frame["mjd_tai"].is_monotonic_increasing and set(frame["kind"]) == {"detection", "forced", "upper_limit"}
    must_equal(csv_rows(frame), feed.rows("curve"), "light curve")
    table = Table.read(feed.url("/v1/objects/LC-1/light-curve", format="votable"), format="votable")
    must_equal(votable_rows(table), feed.rows("curve"), "light curve")


@check("a table of positions from pandas comes back matched, with null rows where nothing is")
def bulk(feed):
    row = feed.rows("numbers")[3]
    targets = pd.DataFrame({"id": ["a", "b"], "ra": [row["ra_deg"], 300.0], "dec": [row["dec_deg"], 80.0], "note": ["x", "y"]})
    url = feed.url("/v1/cone/bulk", format="parquet", find="each", radius_arcsec=1)
    status, _, body = fetch(url, targets.to_csv(index=False).encode(), "text/csv")
    assert status == 200, body[:300]
    frame = pd.read_parquet(io.BytesIO(body))
    assert frame["id"].tolist() == ["a", "b"] and frame["position"].tolist() == [0, 1]
    assert frame["source_id"][0] == row["source_id"] and frame["sep_arcsec"][0] < 1e-6
    assert frame.loc[1, "survey":].isna().all(), f"the second row is {frame.loc[1].to_dict()}"


@check("an error is a problem document in whatever format the answer was asked for")
def errors(feed):
    for name in ("json", "csv", "votable", "arrow", "parquet"):
        status, headers, body = fetch(feed.url("/v1/cone", ra="x", dec=0, radius_arcsec=1, format=name))
        problem = json.loads(body)
        assert status == 400 and headers.get_content_type() == "application/problem+json", f"{name}: {status}"
        assert problem["code"] == "invalid_argument" and problem["field"] == "ra" and "x" in problem["value"]
    try:
        pd.read_csv(feed.url("/v1/cone", ra=10, dec=99, radius_arcsec=1, format="csv"))
    except urllib.error.HTTPError as error:
        assert error.code == 400
    else:
        raise AssertionError("an error was read as a table")

"""Detections sent as Python writes them. Each check has a survey of its own."""

import io
import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
from checks import check, fetch, must_equal, plain_rows

# Without this pandas makes floats of integers with blanks between them, and writes them as such.
NULLABLE = {"exposure_id": "Int64", "detector": "Int32"}
BIG = [2**53 + 1, 2**63 - 1, -(2**63), 7]


def frame_of(survey, ids=BIG):
    n = len(ids)
    return pd.DataFrame(
        {
            "survey": survey,
            "source_id": ids,
            "mjd_tai": 60500.123456789 + np.arange(n),
            "ra_deg": 123.456789012345 + np.arange(n) / 7,
            "dec_deg": -45.678901234567 + np.arange(n) / 7,
            "band": pd.Categorical(["g", "r", "g", "r"][:n]),
            "mag_ab": [18.123456, math.nan, 20.5, 1 / 3][:n],
            "flags": np.array([2**64 - 1, 0, 1, 2][:n], np.uint64),
        }
    )


def post(feed, body, content_type):
    status, _, reply = fetch(f"{feed.rest}/v1/detections", body, content_type)
    return status, json.loads(reply)


def must_accept(feed, frame, body, content_type):
    """Stored whole, found again exactly, and a duplicate when sent again."""
    status, report = post(feed, body, content_type)
    assert status == 200 and report["accepted"] == len(frame) and report["rejected"] == 0, f"{status} {report}"
    for row in frame.to_dict("records"):
        url = f"{feed.rest}/v1/detections/{row['survey']}/{row['source_id']}"
        _, _, reply = fetch(url)
        wanted = plain_rows([row])
        must_equal(plain_rows(json.loads(reply)["detections"]), wanted, url)
    _, report = post(feed, body, content_type)
    assert report["duplicates"] == len(frame) and report["rejected"] == 0, f"sent again: {report}"


@check("a CSV from DataFrame.to_csv goes in: int64 ids exact, NaN as no value")
def upload_csv(feed):
    frame = frame_of("PYCSV")
    must_accept(feed, frame, frame.to_csv(index=False).encode(), "text/csv")


def stream_of(table, **options):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue()


@check("an Arrow stream from pyarrow goes in: int64 and uint64 exact, dictionaries, large strings")
def upload_arrow(feed):
    frame = frame_of("PYARROW")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    assert pa.types.is_dictionary(table.schema.field("band").type) and table.schema.field("source_id").type == pa.int64()
    must_accept(feed, frame, stream_of(table), "application/vnd.apache.arrow.stream")


@check("an Arrow stream of several batches goes in whole")
def upload_arrow_batches(feed):
    frame = frame_of("PYBATCHES")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=1)
    must_accept(feed, frame, sink.getvalue(), "application/vnd.apache.arrow.stream")


@check("a compressed Arrow stream is refused as a whole, with the codec's name")
def upload_compressed(feed):
    table = pa.Table.from_pandas(frame_of("PYZSTD"), preserve_index=False)
    for codec in ("zstd", "lz4"):
        status, problem = post(feed, stream_of(table, compression=codec), "application/vnd.apache.arrow.stream")
        assert status == 400 and problem["code"] == "invalid_argument" and codec in problem["detail"].lower(), f"{status} {problem}"
    assert fetch(f"{feed.rest}/v1/detections/PYZSTD/7")[0] == 404


@check("NDJSON of json.dumps goes in with ids as text")
def upload_ndjson(feed):
    frame = frame_of("PYLINES")
    lines = [json.dumps({**row, "source_id": str(row["source_id"]), "flags": str(row["flags"])}) for row in without_nan(frame)]
    must_accept(feed, frame, "\n".join(lines).encode(), "application/x-ndjson")


def without_nan(frame):
    return [{name: None if value != value else value for name, value in row.items()} for row in frame.to_dict("records")]


@check("JSON of json.dumps: an id beyond 2^53 as a number keeps every digit")
def upload_json_numbers(feed):
    rows = [{"survey": "PYJSON", "source_id": id, "mjd_tai": 60500, "ra_deg": 200 + id % 97, "dec_deg": 5} for id in BIG]
    for body, content_type in (
        (json.dumps(rows), "application/json"),
        (json.dumps({"detections": rows}), "application/json"),
        ("\n".join(map(json.dumps, rows)), "application/x-ndjson"),
    ):
        status, report = post(feed, body.encode(), content_type)
        assert status == 200 and report["accepted"] + report["duplicates"] == len(rows), f"{status} {report}"
    for row in rows:
        status, _, body = fetch(f"{feed.rest}/v1/detections/PYJSON/{row['source_id']}")
        assert status == 200 and str(row["source_id"]) in body.decode(), f"{status} {body}"
    rounded = [id for id in (int(float(id)) for id in BIG) if id not in BIG]
    for id in rounded:
        assert fetch(f"{feed.rest}/v1/detections/PYJSON/{id}")[0] == 404, f"a rounded id was stored: {id}"


@check("JSON with NaN, as json.dumps writes it, is refused with a reason and stores nothing")
def upload_json_nan(feed):
    rows = [{"survey": "PYNAN", "source_id": "1", "mjd_tai": 60500, "ra_deg": 200, "dec_deg": 5, "mag_ab": math.nan}]
    status, problem = post(feed, json.dumps(rows).encode(), "application/json")
    assert status == 400 and problem["code"] == "invalid_argument" and "JSON" in problem["detail"], f"{status} {problem}"
    assert fetch(f"{feed.rest}/v1/detections/PYNAN/1")[0] == 404


@check("an answer whose object ids are the survey's own can be sent back as it is, in every format that goes both ways")
def round_trips(feed):
    for place in ("texts", "curve"):
        for name, content_type in (
            ("json", "application/json"),
            ("ndjson", "application/x-ndjson"),
            ("csv", "text/csv"),
            ("arrow", "application/vnd.apache.arrow.stream"),
        ):
            status, report = post(feed, fetch(feed.cone(place, format=name))[2], content_type)
            must_be_duplicates(feed, place, status, report, f"{place} as {name}")


@check("what pandas read can be sent back: all duplicates, once object ids that the service gave are taken out")
def round_trip_pandas(feed):
    frame = pd.read_csv(feed.cone("numbers", format="csv"), dtype=NULLABLE, float_precision="round_trip")
    frame["object_id"] = frame["object_id"].where(~frame["object_id"].str.startswith("NUM:"))
    status, report = post(feed, frame.to_csv(index=False).encode(), "text/csv")
    must_be_duplicates(feed, "numbers", status, report, "csv through pandas")


def must_be_duplicates(feed, place, status, report, what):
    wanted = len(feed.places[place]["rows"])
    assert status == 200 and report["duplicates"] == wanted and report["rejected"] == 0, f"{what}: {status} {report}"

"""A client of the gRPC face made from the proto files alone, with grpcio."""

import math
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import grpc
import grpc_tools
import numpy as np
from checks import check, must_equal, plain_rows
from grpc_tools import protoc

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)
DEADLINE_S = 30
_made = {}


def modules(feed):
    """The generated modules, in a folder that is gone with this process."""
    if not _made:
        folder = tempfile.TemporaryDirectory(prefix="nightjar-proto-")
        own = Path(grpc_tools.__file__).parent / "_proto"
        files = [str(path) for path in sorted(Path(feed.proto).glob("nightjar/v1/*.proto"))]
        arguments = ["protoc", f"-I{feed.proto}", f"-I{own}", f"--python_out={folder.name}", f"--grpc_python_out={folder.name}"]
        assert protoc.main([*arguments, *files]) == 0, "protoc failed"
        sys.path.insert(0, folder.name)
        _made["folder"] = folder
        for name in ("detection", "ingest", "query"):
            _made[name] = import_module(f"nightjar.v1.{name}_pb2")
        _made["Ingest"] = import_module("nightjar.v1.ingest_pb2_grpc").IngestStub
        _made["Query"] = import_module("nightjar.v1.query_pb2_grpc").QueryStub
        _made["channel"] = grpc.insecure_channel(feed.grpc)
    return _made


def stubs(feed):
    made = modules(feed)
    return made["Ingest"](made["channel"]), made["Query"](made["channel"])


def detection(feed, **values):
    pb = modules(feed)["detection"]
    return pb.Detection(time_scale=pb.TAI, time_reference=pb.MID_EXPOSURE, kind=pb.DETECTION, **values)


def cone(feed, ra_deg, dec_deg, **page):
    query = modules(feed)["query"]
    return query.ConeRequest(ra_deg=ra_deg, dec_deg=dec_deg, radius_arcsec=60, page=query.Page(**page))


@check("grpcio: PutDetections with rows, and Cone gives them back: ends of int64, text ids, nulls")
def put_rows(feed):
    ingest, query = stubs(feed)
    batch = modules(feed)["ingest"].DetectionBatch
    sent = [
        detection(feed, survey="PYROWS", source_id=INT64_MAX, time_mjd=60100, ra_deg=40, dec_deg=50, exposure_id=INT64_MAX, flags=2**64 - 1),
        detection(feed, survey="PYROWS", source_id=INT64_MIN, time_mjd=60101, ra_deg=40, dec_deg=50, mag_ab=18.123456),
        detection(feed, survey="PYROWS", source_name="Zürich:0", time_mjd=60102, ra_deg=40, dec_deg=50, detector=-7),
    ]
    ack = ingest.PutDetections(batch(sequence=2**64 - 1, detections=sent), timeout=DEADLINE_S)
    assert (ack.sequence, ack.accepted, ack.duplicates, len(ack.rejected)) == (2**64 - 1, 3, 0, 0), f"{ack}"
    got = query.Cone(cone(feed, 40, 50), timeout=DEADLINE_S).detections
    assert [row.source_id for row in got[:2]] == [INT64_MAX, INT64_MIN] and got[2].source_name == "Zürich:0"
    assert not got[2].HasField("source_id") and not got[0].HasField("source_name")
    assert got[0].exposure_id == INT64_MAX and got[0].flags == 2**64 - 1 and got[2].detector == -7
    assert not got[0].HasField("mag_ab") and got[1].mag_ab == float(np.float32(18.123456))
    assert [row.time_mjd for row in got] == [60100, 60101, 60102] and got[0].time_scale == modules(feed)["detection"].TAI
    again = ingest.PutDetections(batch(detections=sent), timeout=DEADLINE_S)
    assert (again.accepted, again.duplicates) == (0, 3), f"{again}"


@check("grpcio: PutDetections with a table of numpy arrays, and Cone gives a table numpy reads")
def put_table(feed):
    ingest, query = stubs(feed)
    pb = modules(feed)["detection"]
    n = 1000
    index = np.arange(n)
    ids = np.int64(2**53) + 1 + 2 * index
    ids[:2] = INT64_MAX, INT64_MIN
    mjd = 60200 + index / 1024
    ra = 70 + index / 1e6
    magnitudes = np.where(index % 3 == 0, np.nan, 18 + index / 700).astype("<f4")
    table = pb.DetectionTable(
        rows=n,
        surveys=["PYTABLE"],
        bands=["g", "r"],
        band_index=(index % 2).astype("<u2").tobytes(),
        source_id=ids.astype("<i8").tobytes(),
        time_mjd=mjd.astype("<f8").tobytes(),
        time_scale=pb.TAI,
        time_reference=pb.MID_EXPOSURE,
        ra_deg=ra.astype("<f8").tobytes(),
        dec_deg=np.full(n, -60.0).astype("<f8").tobytes(),
        mag_ab=magnitudes.tobytes(),
    )
    ack = ingest.PutDetections(modules(feed)["ingest"].DetectionBatch(sequence=5, table=table), timeout=DEADLINE_S)
    assert (ack.sequence, ack.accepted, len(ack.rejected)) == (5, n, 0), f"{ack}"
    got = query.Cone(cone(feed, 70, -60, as_table=True), timeout=DEADLINE_S).table
    assert got.rows == n and list(got.surveys) == ["PYTABLE"], f"{got.rows} rows of {list(got.surveys)}"
    np.testing.assert_array_equal(np.frombuffer(got.source_id, "<i8"), ids)
    np.testing.assert_array_equal(np.frombuffer(got.time_mjd, "<f8"), mjd)
    np.testing.assert_array_equal(np.frombuffer(got.ra_deg, "<f8"), ra)
    np.testing.assert_array_equal(np.frombuffer(got.mag_ab, "<f4"), magnitudes)
    bands = np.array(got.bands)[np.frombuffer(got.band_index, "<u2")]
    assert bands.tolist() == ["g", "r"] * (n // 2)
    parts = list(query.StreamCone(cone(feed, 70, -60), timeout=DEADLINE_S))
    assert [row.source_id for part in parts for row in part.detections] == ids.tolist(), "StreamCone"


@check("grpcio: StreamDetections acknowledges each batch, in order, and names bad rows without losing others")
def stream(feed):
    ingest, _ = stubs(feed)
    pb = modules(feed)["ingest"]

    def row(id, **values):
        place = {"time_mjd": 60300.0 + id, "ra_deg": 90.0 + id, "dec_deg": 10.0} | values
        return detection(feed, survey="PYSTREAM", source_id=id, **place)

    batches = [
        pb.DetectionBatch(sequence=10, detections=[row(1), row(2)]),
        pb.DetectionBatch(sequence=7, detections=[row(2), row(3, ra_deg=400.0), row(4)]),
        pb.DetectionBatch(sequence=8, detections=[row(1, dec_deg=11.0), row(5, ra_deg=math.nan), row(6)]),
    ]
    acks = list(ingest.StreamDetections(iter(batches), timeout=DEADLINE_S))
    counts = [(ack.sequence, ack.accepted, ack.duplicates) for ack in acks]
    assert counts == [(10, 2, 0), (7, 1, 1), (8, 1, 0)], f"{counts}"
    rejected = [[(bad.row, bad.code) for bad in ack.rejected] for ack in acks]
    assert rejected == [[], [(1, "invalid_argument")], [(0, "already_exists"), (1, "invalid_argument")]], f"{rejected}"
    assert "ra_deg" in acks[1].rejected[0].message and "dec_deg" in acks[2].rejected[0].message
    assert len({ack.durability for ack in acks}) == 1 and acks[0].durability != ""


@check("grpcio: an error has its status, its message and the code and field in the trailer")
def error(feed):
    _, query = stubs(feed)
    request = modules(feed)["query"].ConeRequest(ra_deg=10, dec_deg=95, radius_arcsec=1)
    try:
        query.Cone(request, timeout=DEADLINE_S)
    except grpc.RpcError as refused:
        assert refused.code() == grpc.StatusCode.INVALID_ARGUMENT, f"{refused.code()}"
        trailer = dict(refused.trailing_metadata())
        assert trailer["nightjar-code"] == "invalid_argument" and trailer["nightjar-field"] == "dec_deg", f"{trailer}"
        assert "dec_deg" in refused.details() and "95" in refused.details() and "90" in refused.details(), refused.details()
    else:
        raise AssertionError("dec_deg of 95 was taken")


@check("grpcio: what went in over REST is the same over gRPC")
def same_over_grpc(feed):
    _, query = stubs(feed)
    at = feed.places["numbers"]
    wanted = feed.rows("numbers")
    request = modules(feed)["query"].ConeRequest(ra_deg=at["ra"], dec_deg=at["dec"], radius_arcsec=at["radius_arcsec"])
    found = [record(row) for row in query.Cone(request, timeout=DEADLINE_S).detections]
    # the message has one time, whose scale it names
    must_equal(plain_rows(found), [{name: value for name, value in row.items() if name != "mjd_utc"} for row in wanted], "grpc")


def record(message):
    """A Detection under the names of the columns."""
    row = {}
    for field in message.DESCRIPTOR.fields:
        has = message.HasField(field.name) if field.has_presence else getattr(message, field.name) not in ("",)
        row[field.name] = getattr(message, field.name) if has else None
    row["mjd_tai"] = row.pop("time_mjd")
    if row["source_id"] is None:
        row["source_id"] = row["source_name"]
    row["kind"] = {1: "detection", 2: "forced", 3: "upper_limit"}[row["kind"]]
    return row

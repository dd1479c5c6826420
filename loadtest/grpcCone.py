"""Latency of unary Cone from a Python gRPC client, one request at a time.

    pip install grpcio==1.85.3 grpcio-tools==1.85.1
    python loadtest/grpcCone.py --address 127.0.0.1:50051 [--seconds 10] [--radius-arcsec 2]

Asks at places where the service has detections (it takes them from one wide cone first), throws the first
second away and prints requests/s, rows a request, p50, p99 and the maximum.
"""

import argparse
import importlib
import json
import pathlib
import random
import sys
import tempfile
import time

import grpc
from grpc_tools import protoc

PROTO_DIR = pathlib.Path(__file__).resolve().parent.parent / "proto"
WELL_KNOWN = pathlib.Path(protoc.__file__).resolve().parent / "_proto"
WARM_UP_S = 1.0


def query_modules():
    """The message and service classes, generated from our protos into a folder that goes away."""
    out = tempfile.mkdtemp(prefix="nightjar-proto-")
    files = [str(path) for path in sorted(PROTO_DIR.rglob("*.proto"))]
    status = protoc.main(["protoc", f"-I{PROTO_DIR}", f"-I{WELL_KNOWN}", f"--python_out={out}", f"--grpc_python_out={out}", *files])
    if status != 0:
        sys.exit("protoc failed")
    sys.path.insert(0, out)
    return importlib.import_module("nightjar.v1.query_pb2"), importlib.import_module("nightjar.v1.query_pb2_grpc")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="127.0.0.1:50051")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--radius-arcsec", type=float, default=2.0)
    parser.add_argument("--places", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    query, query_grpc = query_modules()
    options_unbounded = [("grpc.max_receive_message_length", -1)]
    with grpc.insecure_channel(options.address, options=options_unbounded) as channel:
        stub = query_grpc.QueryStub(channel)
        page = query.Page(limit=options.places)
        somewhere = stub.Cone(query.ConeRequest(ra_deg=180, dec_deg=0, radius_deg=180, page=page), timeout=60)
        places = [(row.ra_deg, row.dec_deg) for row in somewhere.detections]
        if not places:
            sys.exit("the service has no detections to ask for")
        chosen = random.Random(1)
        latencies_us, rows = [], 0
        start = time.perf_counter()
        while (asked := time.perf_counter()) < start + WARM_UP_S + options.seconds:
            ra_deg, dec_deg = chosen.choice(places)
            reply = stub.Cone(query.ConeRequest(ra_deg=ra_deg, dec_deg=dec_deg, radius_arcsec=options.radius_arcsec))
            if asked > start + WARM_UP_S:
                latencies_us.append((time.perf_counter() - asked) * 1e6)
                rows += len(reply.detections)

    latencies_us.sort()
    count = len(latencies_us)
    result = {
        "client": f"python grpcio {grpc.__version__}",
        "requests/s": round(count / options.seconds),
        "rows/request": round(rows / count, 1),
        "p50 us": round(latencies_us[count // 2]),
        "p99 us": round(latencies_us[int(count * 0.99)]),
        "max us": round(latencies_us[-1]),
    }
    print(json.dumps(result) if options.json else "  ".join(f"{name} {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()

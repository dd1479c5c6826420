"""Reads and feeds a running service the way notebooks do. Run by readers.test.ts: what it needs to know comes on
stdin as JSON, one line of JSON a check goes to stdout."""

import sys

# Each registers its checks.
import grpc_client  # noqa: F401
import reading  # noqa: F401
import uploading  # noqa: F401
from checks import Feed, run_all

if __name__ == "__main__":
    run_all(Feed(sys.stdin.read()))

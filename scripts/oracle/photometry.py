"""Fluxes and AB magnitudes as astropy converts them.

Run with: pip install astropy==8.0.2 ; python scripts/oracle/photometry.py > test/oracle/truth/photometry.json
"""

import json
import sys

import astropy
import astropy.units as u

PINNED = "8.0.2"
MAGNITUDES = [-26.74, -1.46, 0.0, 8.9, 12.57, 18.3, 20.5, 23.9, 24.5, 27.5, 31.4, 35.0]


def main() -> None:
    if astropy.__version__ != PINNED:
        sys.exit(f"astropy is {astropy.__version__}, must be {PINNED}")
    rows = []
    for mag in MAGNITUDES:
        # The zero point of 3631 Jy, and astropy's own ABmag of 48.60.
        stated = u.Magnitude(mag, u.mag(u.Jy)).physical * 3631
        rows.append({"magAb": mag, "fluxNjy": stated.to_value(u.nJy), "fluxNjyAt4860": (mag * u.ABmag).to_value(u.nJy)})
    about = {
        "what": "flux of an AB magnitude: fluxNjy with the zero point 3631 Jy, fluxNjyAt4860 with astropy's ABmag",
        "astropy": astropy.__version__,
        "script": "scripts/oracle/photometry.py",
    }
    json.dump({"about": about, "rows": rows}, sys.stdout, indent=2)
    print()


main()

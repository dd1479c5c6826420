// Longitudes of the MPC's observatories, as scripts/oracle/stations.py wrote them down.

import vendored from './stations.json' with { type: 'json' };

const longitudes = new Map<string, number>();
for (const line of Object.values(vendored.longitudes)) {
  for (const entry of line.split(', ')) {
    const [code, eastLongitudeDeg] = entry.split(' ');
    longitudes.set(code, Number(eastLongitudeDeg));
  }
}

/** East longitude, -180 to 180. undefined for a code that is unknown or has no fixed place. */
export function eastLongitudeDegOf(station: string): number | undefined {
  return longitudes.get(station);
}

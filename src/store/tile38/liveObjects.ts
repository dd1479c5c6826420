// Objects of the live sky: points in a collection of their own, each with a JSON of what association needs.

import { compareSourceIds } from '../../model/ids.ts';
import { chordSqOf } from '../../sky/cone.ts';
import { unitVector } from '../../sky/vector.ts';

export interface LiveObject {
  readonly objectId: string;
  readonly survey: string;
  readonly sourceId: string;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly mjdTai: number;
  /** Unix time when its last detection expires. */
  readonly untilS: number;
}

/** Objects founded in the batch at hand, found by place: a grid of cubes in unit-vector space. */
export class FreshObjects {
  readonly #cells = new Map<string, LiveObject[]>();
  readonly #side: number;

  constructor(radiusRad: number) {
    this.#side = Math.max(radiusRad, 1e-9) * 1.01;
  }

  add(object: LiveObject): void {
    const { x, y, z } = unitVector(object.raDeg, object.decDeg);
    const key = this.#key(x, y, z, 0, 0, 0);
    const cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, [object]);
    else cell.push(object);
  }

  /** All that may lie within the radius of a place. */
  near(raDeg: number, decDeg: number): LiveObject[] {
    if (this.#cells.size === 0) return [];
    const { x, y, z } = unitVector(raDeg, decDeg);
    const found: LiveObject[] = [];
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dz = -1; dz <= 1; dz++) {
          const cell = this.#cells.get(this.#key(x, y, z, dx, dy, dz));
          if (cell !== undefined) found.push(...cell);
        }
      }
    }
    return found;
  }

  #key(x: number, y: number, z: number, dx: number, dy: number, dz: number): string {
    const s = this.#side;
    return `${String(Math.floor(x / s) + dx)},${String(Math.floor(y / s) + dy)},${String(Math.floor(z / s) + dz)}`;
  }
}

/** The object that a row joins by the rules of the model, null when it founds one. */
export function nearestObject(
  candidates: readonly LiveObject[],
  row: { readonly raDeg: number; readonly decDeg: number; readonly mjdTai: number; readonly survey: string },
  radiusRad: number,
): LiveObject | null {
  const at = unitVector(row.raDeg, row.decDeg);
  const limit = chordSqOf(radiusRad);
  let nearest: LiveObject | null = null;
  let nearestSq = Infinity;
  for (const object of candidates) {
    if (object.survey === row.survey && object.mjdTai === row.mjdTai) continue;
    const { x, y, z } = unitVector(object.raDeg, object.decDeg);
    const sq = (at.x - x) ** 2 + (at.y - y) ** 2 + (at.z - z) ** 2;
    if (sq > limit || sq > nearestSq) continue;
    if (sq === nearestSq && nearest !== null && !isBefore(object, nearest)) continue;
    nearest = object;
    nearestSq = sq;
  }
  return nearest;
}

function isBefore(a: LiveObject, b: LiveObject): boolean {
  return a.survey === b.survey ? compareSourceIds(a.sourceId, b.sourceId) < 0 : a.survey < b.survey;
}

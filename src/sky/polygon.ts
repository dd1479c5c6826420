// Spherical polygons: vertices joined by the shorter great circle, any shape that does not cross itself, the smaller side inside.
//
// polygonOf turns the vertices so that the inside lies on the left of every edge. A point is inside when the great circle from it to a
// known inside point crosses an even number of edges. All sides are taken from differences of vectors, so that a
// polygon of a milliarcsecond is as exact as one of a radian.
//
// Boundary: a point nearer to an edge than rounding (about 3e-16 rad, 0.1 nas) may fall on either side, always the same one.

import { AppError, shownValue } from '../errors.ts';
import { arcDistanceRad, arcOf, arcsMeet, chordSqBetween, cross, dot, negative, normalOf, sideOf, unit, type Arc } from './arc.ts';
import { chordSqOf } from './cone.ts';
import type { Cone, Polygon, UnitVector } from './regions.ts';
import { unitVector, vectorToRaDec } from './vector.ts';

/** The check that no two edges cross takes the square of this: 1000 vertices take some tens of ms. */
export const MAX_POLYGON_VERTICES = 1000;

/** Vertices nearer than this, 0.2 uas, are one vertex given twice; neighbours this near to antipodes have no edge. */
const SAME_RAD = 1e-12;
/** Edges that come this near to each other touch; a few roundings of a unit vector. */
const TOUCH_RAD = 1e-15;

/**
 * Checked polygon from 3 to 1000 vertices in either order round; the first vertex is not repeated at the end.
 * Refused (invalid_argument): too few or many, not finite, dec beyond 90, repeated, antipodal neighbours, edges that cross or
 * touch, and a polygon that halves the sky, which has no smaller side.
 */
export function polygonOf(vertices: readonly { readonly raDeg: number; readonly decDeg: number }[]): Polygon {
  const count = vertices.length;
  if (count < 3) throw badPolygon(`has ${String(count)} vertices, must have at least 3`);
  if (count > MAX_POLYGON_VERTICES) throw badPolygon(`has ${String(count)} vertices, must have at most ${String(MAX_POLYGON_VERTICES)}`);
  const points = vertices.map(({ raDeg, decDeg }, i) => {
    if (!Number.isFinite(raDeg) || !Number.isFinite(decDeg)) {
      throw badPolygon(`vertex ${String(i)} is (${shownValue(raDeg)}, ${shownValue(decDeg)}), must be finite`);
    }
    if (Math.abs(decDeg) > 90) throw badPolygon(`vertex ${String(i)} has dec_deg ${String(decDeg)}, must be within -90 to 90`);
    return unitVector(raDeg, decDeg);
  });
  checkVertices(points);
  checkEdges(points);
  const turn = totalTurnRad(points);
  // Gauss-Bonnet: the area on the left is 2 pi minus the total turn
  if (Math.abs(turn) < 1e-9) throw badPolygon('halves the sky, must have a smaller side');
  return { vertices: turn > 0 ? points : points.reverse() };
}

/** (x, y, z) is a unit vector. For the boundary see the head of this file. */
export function isInPolygon(polygon: Polygon, x: number, y: number, z: number): boolean {
  const prepared = preparedOf(polygon);
  const { bound } = prepared;
  const dx = x - bound.x;
  const dy = y - bound.y;
  const dz = z - bound.z;
  if (dx * dx + dy * dy + dz * dz > bound.chordSq) return false;
  return isInside(prepared, x, y, z);
}

/** A cone that holds the whole polygon; not the smallest one. */
export function polygonBound(polygon: Polygon): Cone {
  return preparedOf(polygon).bound;
}

/** Smallest angle from a unit vector to an edge, rad. */
export function boundaryDistanceRad(polygon: Polygon, x: number, y: number, z: number): number {
  return edgeDistanceRad(preparedOf(polygon), x, y, z);
}

function checkVertices(points: readonly UnitVector[]): void {
  const sameChordSq = chordSqOf(SAME_RAD);
  for (let i = 0; i < points.length; i++) {
    const next = (i + 1) % points.length;
    if (chordSqBetween(points[i], negative(points[next])) < sameChordSq) {
      throw badPolygon(`vertices ${String(i)} and ${String(next)} are antipodal, must be less than 180 degrees apart`);
    }
    for (let j = i + 1; j < points.length; j++) {
      if (chordSqBetween(points[i], points[j]) < sameChordSq) {
        throw badPolygon(`vertices ${String(i)} and ${String(j)} are the same position, must differ`);
      }
    }
  }
}

function checkEdges(points: readonly UnitVector[]): void {
  const count = points.length;
  const edges = edgesOf(points);
  for (let i = 0; i < count; i++) {
    const next = (i + 1) % count;
    // the edge after this one may not fold back onto it
    if (arcDistanceRad(edges[i], edges[next].b) <= TOUCH_RAD || arcDistanceRad(edges[next], edges[i].a) <= TOUCH_RAD) {
      throw badPolygon(`edges ${String(i)} and ${String(next)} overlap, must not`);
    }
    // the last edge is the neighbour of the first
    for (let j = i + 2; j < (i === 0 ? count - 1 : count); j++) {
      if (arcsMeet(edges[i], edges[j], TOUCH_RAD)) throw badPolygon(`edges ${String(i)} and ${String(j)} cross or touch, must not`);
    }
  }
}

/** Edge i runs from vertex i to the next. */
function edgesOf(points: readonly UnitVector[]): Arc[] {
  return points.map((a, i) => arcOf(a, points[(i + 1) % points.length]));
}

/** Sum of the turns to the left at the vertices: near 2 pi for a small polygon that runs with the inside on the left. */
function totalTurnRad(points: readonly UnitVector[]): number {
  const count = points.length;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const here = points[(i + 1) % count];
    const before = normalOf(points[i], here);
    const after = normalOf(here, points[(i + 2) % count]);
    total += Math.atan2(dot(cross(before, after), here), dot(before, after));
  }
  return total;
}

/** What the tests need beyond the vertices, 3 numbers a vertex in each array. Edge i runs from vertex i to i + 1. */
interface PreparedPolygon {
  readonly count: number;
  readonly vertices: Float64Array;
  /** Unit normals of the edges, positive on the left. */
  readonly normals: Float64Array;
  /** Directions along the edge at its start and at its end. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly anchor: Anchor;
  readonly bound: Cone;
}

/** A point that is inside, and how far on the left of every edge it lies. */
interface Anchor extends UnitVector {
  readonly sides: Float64Array;
}

const PREPARED = new WeakMap<Polygon, PreparedPolygon>();
// a store tests many rows against one polygon, so the last one is nearly always the one asked for
let lastPolygon: Polygon | null = null;
let lastPrepared: PreparedPolygon | null = null;

function preparedOf(polygon: Polygon): PreparedPolygon {
  if (polygon === lastPolygon && lastPrepared !== null) return lastPrepared;
  const prepared = PREPARED.get(polygon) ?? prepare(polygon.vertices);
  PREPARED.set(polygon, prepared);
  lastPolygon = polygon;
  lastPrepared = prepared;
  return prepared;
}

function prepare(points: readonly UnitVector[]): PreparedPolygon {
  const edges = edgesOf(points);
  const draft = {
    count: points.length,
    vertices: packed(points),
    normals: packed(edges.map(({ normal }) => normal)),
    starts: packed(edges.map(({ a, normal }) => cross(normal, a))),
    ends: packed(edges.map(({ b, normal }) => cross(normal, b))),
  };
  const withAnchor = { ...draft, anchor: anchorAt(insidePoint(edges), edges) };
  return { ...withAnchor, bound: boundOf(withAnchor, points) };
}

const ALL_SKY: Cone = { x: 0, y: 0, z: 1, raDeg: 0, decDeg: 90, radiusRad: Math.PI, chordSq: chordSqOf(Math.PI) };

function anchorAt(at: UnitVector, edges: readonly Arc[]): Anchor {
  return { ...at, sides: Float64Array.from(edges, ({ a, normal }) => sideOf(a, normal, at)) };
}

/**
 * Left of an edge, not half way to whatever else is nearest: surely inside. The roomiest edge is taken. The odd fractions keep the point
 * off the lines of other edges in shapes with right angles, where a great circle to it could run along an edge.
 */
function insidePoint(edges: readonly Arc[]): UnitVector {
  let best = edges[0].a;
  let bestRoom = -1;
  // the longest edges have room as a rule; a few of them are enough
  const longest = [...edges].sort((p, q) => q.halfChord - p.halfChord).slice(0, 16);
  for (const edge of longest) {
    const { a, b, normal } = edge;
    const foot = unit({ x: 0.5237 * a.x + 0.4763 * b.x, y: 0.5237 * a.y + 0.4763 * b.y, z: 0.5237 * a.z + 0.4763 * b.z });
    let room = Math.PI / 2;
    for (const other of edges) if (other !== edge) room = Math.min(room, arcDistanceRad(other, foot));
    if (room <= bestRoom) continue;
    bestRoom = room;
    const step = Math.tan(0.4391 * room);
    best = unit({ x: foot.x + step * normal.x, y: foot.y + step * normal.y, z: foot.z + step * normal.z });
  }
  return best;
}

function isInside(prepared: Omit<PreparedPolygon, 'bound'>, x: number, y: number, z: number): boolean {
  const { count, vertices, normals, anchor } = prepared;
  const { sides } = anchor;
  // Normal of the great circle from the point to the anchor, see normalOf: right even close to the anchor and to its antipode.
  const sx = x + anchor.x;
  const sy = y + anchor.y;
  const sz = z + anchor.z;
  const dx = anchor.x - x;
  const dy = anchor.y - y;
  const dz = anchor.z - z;
  const nx = sy * dz - sz * dy;
  const ny = sz * dx - sx * dz;
  const nz = sx * dy - sy * dx;
  let p = 3 * (count - 1);
  let ax = vertices[p] - x;
  let ay = vertices[p + 1] - y;
  let az = vertices[p + 2] - z;
  let wasLeft = ax * nx + ay * ny + az * nz >= 0;
  let inside = true;
  let edge = count - 1;
  for (let i = 0; i < count; i++) {
    p = 3 * i;
    const bx = vertices[p] - x;
    const by = vertices[p + 1] - y;
    const bz = vertices[p + 2] - z;
    const isLeft = bx * nx + by * ny + bz * nz >= 0;
    // a vertex has one side for both its edges, so passing through it counts once or twice as it should
    if (isLeft !== wasLeft) {
      const q = 3 * edge;
      const side = -(ax * normals[q] + ay * normals[q + 1] + az * normals[q + 2]);
      if (wasLeft ? sides[edge] > 0 && side < 0 : sides[edge] < 0 && side > 0) inside = !inside;
    }
    wasLeft = isLeft;
    ax = bx;
    ay = by;
    az = bz;
    edge = i;
  }
  return inside;
}

function edgeDistanceRad(edges: Omit<PreparedPolygon, 'anchor' | 'bound'>, x: number, y: number, z: number): number {
  const { count, vertices, normals, starts, ends } = edges;
  let minChordSq = 4;
  let minSine = 1;
  for (let i = 0, p = 0; i < count; i++, p += 3) {
    const dx = x - vertices[p];
    const dy = y - vertices[p + 1];
    const dz = z - vertices[p + 2];
    const chordSq = dx * dx + dy * dy + dz * dz;
    if (chordSq < minChordSq) minChordSq = chordSq;
    if (starts[p] * x + starts[p + 1] * y + starts[p + 2] * z < 0) continue;
    if (ends[p] * x + ends[p + 1] * y + ends[p + 2] * z > 0) continue;
    const sine = Math.abs(dx * normals[p] + dy * normals[p + 1] + dz * normals[p + 2]);
    if (sine < minSine) minSine = sine;
  }
  return Math.min(2 * Math.asin(Math.sqrt(minChordSq) / 2), Math.asin(minSine));
}

/** Round the mean of the vertices. If the opposite of that is inside, the polygon wraps round and the bound is all sky. */
function boundOf(prepared: Omit<PreparedPolygon, 'bound'>, points: readonly UnitVector[]): Cone {
  let sum = { x: 0, y: 0, z: 0 };
  for (const point of points) sum = { x: sum.x + point.x, y: sum.y + point.y, z: sum.z + point.z };
  if (Math.hypot(sum.x, sum.y, sum.z) < 1e-6 * points.length) return ALL_SKY;
  const centre = unit(sum);
  if (isInside(prepared, -centre.x, -centre.y, -centre.z)) return ALL_SKY;
  let farthestSq = 0;
  for (const point of points) farthestSq = Math.max(farthestSq, chordSqBetween(centre, point));
  // a cone below a quarter turn is convex and holds the edges with their ends; a wider one is measured from the other side
  const farthest =
    farthestSq < 2 ? 2 * Math.asin(Math.sqrt(farthestSq) / 2) : Math.PI - edgeDistanceRad(prepared, -centre.x, -centre.y, -centre.z);
  const radiusRad = Math.min(Math.PI, farthest * (1 + 1e-12) + 4e-15);
  return { ...centre, ...vectorToRaDec(centre), radiusRad, chordSq: chordSqOf(radiusRad) };
}

function packed(vectors: readonly UnitVector[]): Float64Array {
  const out = new Float64Array(3 * vectors.length);
  vectors.forEach((v, i) => {
    out.set([v.x, v.y, v.z], 3 * i);
  });
  return out;
}

function badPolygon(what: string): AppError {
  return new AppError('invalid_argument', `polygon ${what}`, { details: { field: 'polygon' } });
}

// Nanoseconds per call of the sky arithmetic on the hot path. `node bench/sky.ts [seed]`. Targets: 90-150 ns a key, 250-500 ns a small cover.

import { performance } from 'node:perf_hooks';
import { RAD_PER_DEG } from '../src/sky/angle.ts';
import { coneOf, isInside, separationRad } from '../src/sky/cone.ts';
import { coverCone, coverPolygon, smallConeCover } from '../src/sky/healpix/cover.ts';
import { centreInto, ipixOf, ipixOfVector } from '../src/sky/healpix/nested.ts';
import { isInMoc, mocOfCone } from '../src/sky/moc.ts';
import { isInPolygon, polygonOf } from '../src/sky/polygon.ts';
import { taiOfUtc, utcOfTai } from '../src/sky/time.ts';
import { unitVector, unitVectorInto } from '../src/sky/vector.ts';

const COUNT = 200_000;
const ROUNDS = 7;
let state = Number(process.argv[2] ?? 1) >>> 0;

/** mulberry32: the same positions in every run. */
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const raDeg = Float64Array.from({ length: COUNT }, () => random() * 360);
const decDeg = Float64Array.from({ length: COUNT }, () => Math.asin(random() * 2 - 1) / RAD_PER_DEG);
const xyz = new Float64Array(3 * COUNT);
for (let i = 0; i < COUNT; i++) unitVectorInto(raDeg[i], decDeg[i], xyz, 3 * i);

const out = new Float64Array(12);
const vector = new Float64Array(3);
const cone = coneOf(10, 20, 0.5);
const polygon = polygonOf(Array.from({ length: 12 }, (_, i) => ({ raDeg: 180 + 30 * Math.cos(i / 2), decDeg: 30 * Math.sin(i / 2) })));
const moc = mocOfCone(coneOf(180, 0, 0.5), 8);
const origin = unitVector(0, 0);
const halfDegree = 0.5 * RAD_PER_DEG;

// each returns something that depends on all calls, so that none can be left out
const cases: [string, number, (i: number) => number][] = [
  ['ipixOf, order 8', COUNT, (i) => ipixOf(8, raDeg[i], decDeg[i])],
  ['ipixOf, order 24', COUNT, (i) => ipixOf(24, raDeg[i], decDeg[i])],
  ['ipixOfVector, order 24', COUNT, (i) => ipixOfVector(24, xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2])],
  [
    'centreInto, order 24',
    COUNT,
    (i) => {
      centreInto(24, i * 16777259, vector, 0);
      return vector[0];
    },
  ],
  [
    'unitVectorInto',
    COUNT,
    (i) => {
      unitVectorInto(raDeg[i], decDeg[i], vector, 0);
      return vector[0];
    },
  ],
  ['smallConeCover, 2 arcsec, order 14', COUNT, (i) => smallCover(i, 1e-5, 14)],
  ['smallConeCover, 30 arcmin', COUNT, (i) => smallCover(i, halfDegree, 14)],
  ['isInside (cone)', COUNT, (i) => Number(isInside(cone, xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]))],
  ['isInPolygon, 12 vertices, hits', COUNT, (i) => Number(isInPolygon(polygon, -1, xyz[3 * i + 1] / 4, xyz[3 * i + 2] / 4))],
  ['isInMoc, cone of 29 deg at order 8', COUNT, (i) => Number(isInMoc(moc, raDeg[i], decDeg[i]))],
  ['separationRad', COUNT, (i) => separationRad(origin, cone) + i],
  ['taiOfUtc + utcOfTai', COUNT, (i) => utcOfTai(taiOfUtc(60000 + i * 1e-3))],
  ['coverCone, 30 arcmin, order 9', 2000, (i) => coverCone(coneOf(raDeg[i], decDeg[i], halfDegree), 9).ipix.length],
  ['coverCone, 10 deg, order 6', 500, (i) => coverCone(coneOf(raDeg[i], decDeg[i], 10 * RAD_PER_DEG), 6).ipix.length],
  ['coverPolygon, 12 vertices, order 5', 200, (i) => coverPolygon(polygon, 5).ipix.length + i],
];

function smallCover(i: number, radiusRad: number, maxOrder: number): number {
  return smallConeCover(raDeg[i] * RAD_PER_DEG, decDeg[i] * RAD_PER_DEG, radiusRad, maxOrder, out).n;
}

console.log(`node ${process.version}, ${String(COUNT)} positions, best and median of ${String(ROUNDS)} rounds`);
console.log('call'.padEnd(40), 'best ns'.padStart(10), 'median ns'.padStart(10));
for (const [name, count, call] of cases) {
  const times: number[] = [];
  let sum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    for (let i = 0; i < count; i++) sum += call(i);
    times.push(((performance.now() - from) * 1e6) / count);
  }
  times.sort((a, b) => a - b);
  if (Number.isNaN(sum)) throw new Error(`${name} made NaN`);
  console.log(name.padEnd(40), times[0].toFixed(1).padStart(10), times[ROUNDS >> 1].toFixed(1).padStart(10));
}

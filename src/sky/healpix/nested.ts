// HEALPix, NESTED scheme, orders 0 to 24 (12 * 4^24 < 2^53, so a pixel number is exact as a JavaScript number).
// Gorski et al. 2005, ApJ 622, 759. nside = 2^order. A pixel is a place (x, y) on one of 12 faces, x to the north-east,
// y to the north-west; the bits of x and y interleaved give its number on the face.
//
// Where z is beyond 2/3 the usual sqrt(3 (1 - |z|)) cancels near the poles; cos(dec) sqrt(3 / (1 + |z|)) is the same and exact.
// nside is a power of two, so every product with it is exact and a parent always contains its child bit for bit.

import type { UnitVector } from '../regions.ts';
import { RAD_PER_DEG } from '../angle.ts';
import { oneTurn } from '../vector.ts';
import { AppError } from '../../errors.ts';

export const MAX_ORDER = 24;

/** Pixels of one face; a table, as a power costs more than the rest of placeOf. */
const FACE_PIXELS = Float64Array.from({ length: MAX_ORDER + 1 }, (_, order) => 4 ** order);

/** Number of pixels of the whole sky at this order. */
export function pixelCount(order: number): number {
  return 12 * FACE_PIXELS[order];
}

// SPREAD[i]: the 12 bits of i at the even places; GATHER[i]: the 8 even bits of i side by side
const SPREAD = new Uint32Array(4096);
for (let i = 0; i < 4096; i++) for (let b = 0; b < 12; b++) SPREAD[i] |= ((i >> b) & 1) << (2 * b);
const GATHER = new Uint8Array(65536);
for (let i = 0; i < 65536; i++) for (let b = 0; b < 8; b++) GATHER[i] |= ((i >> (2 * b)) & 1) << b;

// ring of the southern corner and longitude (in eighths of a turn) of the centre of each face, units of nside
const FACE_RING = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4];
const FACE_LON = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7];

/** Where a position lies: slots of the array that `locate` writes. FX, FY: the place inside the pixel, [0, 1]. */
export const FACE = 0;
export const X = 1;
export const Y = 2;
export const FX = 3;
export const FY = 4;

/**
 * Writes face, x, y and the place inside the pixel to `at`. `quarterTurns` is RA / 90 deg in [0, 4), z = sin(dec),
 * cosDec = cos(dec). No allocation, no checks.
 */
export function locate(nside: number, quarterTurns: number, z: number, cosDec: number, at: Float64Array): void {
  const absZ = z < 0 ? -z : z;
  const last = nside - 1;
  if (absZ <= 2 / 3) {
    const along = nside * (0.5 + quarterTurns);
    const across = nside * z * 0.75;
    const u = along - across;
    const v = along + across;
    const iu = Math.floor(u);
    const iv = Math.floor(v);
    const faceU = Math.floor(iu / nside);
    const faceV = Math.floor(iv / nside);
    at[FACE] = faceU === faceV ? (faceU & 3) + 4 : faceU < faceV ? faceU & 3 : (faceV & 3) + 8;
    at[X] = iv - faceV * nside;
    at[Y] = last - (iu - faceU * nside);
    at[FX] = v - iv;
    at[FY] = 1 - (u - iu);
    return;
  }
  const quadrant = quarterTurns >= 3 ? 3 : quarterTurns | 0;
  const inQuadrant = quarterTurns - quadrant;
  const fromPole = nside * cosDec * Math.sqrt(3 / (1 + absZ));
  const u = inQuadrant * fromPole;
  const v = (1 - inQuadrant) * fromPole;
  let iu = Math.floor(u);
  let iv = Math.floor(v);
  if (iu > last) iu = last;
  if (iv > last) iv = last;
  if (z > 0) {
    at[FACE] = quadrant;
    at[X] = last - iv;
    at[Y] = last - iu;
    at[FX] = 1 - (v - iv);
    at[FY] = 1 - (u - iu);
  } else {
    at[FACE] = quadrant + 8;
    at[X] = iu;
    at[Y] = iv;
    at[FX] = u - iu;
    at[FY] = v - iv;
  }
}

/** Pixel number of a place on a face. */
export function ipixOfFace(nside: number, face: number, x: number, y: number): number {
  const low = SPREAD[x & 4095] | (SPREAD[y & 4095] << 1);
  const onFace = face * nside * nside + low;
  if (nside <= 4096) return onFace;
  return onFace + (SPREAD[x >>> 12] | (SPREAD[y >>> 12] << 1)) * 16777216;
}

const HERE = new Float64Array(5);

/** The pixel that holds a position. RA may be any finite angle; dec within [-90, 90]. */
export function ipixOf(order: number, raDeg: number, decDeg: number): number {
  const nside = 1 << order;
  const dec = decDeg * RAD_PER_DEG;
  locate(nside, oneTurn(raDeg) / 90, Math.sin(dec), Math.cos(dec), HERE);
  return ipixOfFace(nside, HERE[FACE], HERE[X], HERE[Y]);
}

/** The pixel that holds a unit vector. */
export function ipixOfVector(order: number, x: number, y: number, z: number): number {
  const nside = 1 << order;
  locate(nside, quarterTurnsOf(x, y), z, Math.sqrt(x * x + y * y), HERE);
  return ipixOfFace(nside, HERE[FACE], HERE[X], HERE[Y]);
}

/** Longitude of (x, y) in quarter turns, [0, 4). */
export function quarterTurnsOf(x: number, y: number): number {
  const turns = Math.atan2(y, x) * (2 / Math.PI);
  if (turns >= 0) return turns < 4 ? turns : 0;
  const positive = turns + 4;
  return positive < 4 ? positive : 0;
}

/** Writes face, x and y of a pixel to at[FACE], at[X], at[Y]. */
export function placeOf(order: number, ipix: number, at: Float64Array): void {
  const facePixels = FACE_PIXELS[order];
  const face = Math.floor(ipix / facePixels);
  const onFace = ipix - face * facePixels;
  const high = Math.floor(onFace / 16777216);
  const low = onFace - high * 16777216;
  let x = evenBits(low);
  let y = evenBits(low >>> 1);
  if (high !== 0) {
    x += evenBits(high) * 4096;
    y += evenBits(high >>> 1) * 4096;
  }
  at[FACE] = face;
  at[X] = x;
  at[Y] = y;
}

// the even bits of a 24-bit number
function evenBits(bits: number): number {
  return GATHER[bits & 0xffff] | (GATHER[(bits >>> 16) & 0xff] << 8);
}

/**
 * Direction of a place on a face, x and y real and in pixels (the centre of a pixel is at +0.5), to out[at..at+2].
 */
export function vectorOfFaceInto(nside: number, face: number, x: number, y: number, out: Float64Array, at: number): void {
  const ring = FACE_RING[face] * nside - x - y;
  let perQuadrant = nside;
  let z: number;
  let sinTheta: number;
  if (ring < nside || ring > 3 * nside) {
    perQuadrant = ring < nside ? ring : 4 * nside - ring;
    const capHeight = (perQuadrant * perQuadrant) / (3 * nside * nside);
    z = ring < nside ? 1 - capHeight : capHeight - 1;
    sinTheta = Math.sqrt(capHeight * (2 - capHeight));
  } else {
    z = ((2 * nside - ring) * 2) / (3 * nside);
    sinTheta = Math.sqrt((1 - z) * (1 + z));
  }
  const eighths = perQuadrant === 0 ? 0 : FACE_LON[face] + (x - y) / perQuadrant;
  const ra = (Math.PI / 4) * eighths;
  out[at] = sinTheta * Math.cos(ra);
  out[at + 1] = sinTheta * Math.sin(ra);
  out[at + 2] = z;
}

const PLACE = new Float64Array(5);
const VECTOR = new Float64Array(3);

/** Centre of a pixel to out[at..at+2]; no allocation, no checks. */
export function centreInto(order: number, ipix: number, out: Float64Array, at: number): void {
  placeOf(order, ipix, PLACE);
  vectorOfFaceInto(1 << order, PLACE[FACE], PLACE[X] + 0.5, PLACE[Y] + 0.5, out, at);
}

export function centreOf(order: number, ipix: number): UnitVector {
  checkPixel(order, ipix);
  centreInto(order, ipix, VECTOR, 0);
  return { x: VECTOR[0], y: VECTOR[1], z: VECTOR[2] };
}

/** The corners in the order south, east, north, west. */
export function cornersOf(order: number, ipix: number): [UnitVector, UnitVector, UnitVector, UnitVector] {
  checkPixel(order, ipix);
  placeOf(order, ipix, PLACE);
  const face = PLACE[FACE];
  const x = PLACE[X];
  const y = PLACE[Y];
  const corner = (dx: number, dy: number): UnitVector => {
    vectorOfFaceInto(1 << order, face, x + dx, y + dy, VECTOR, 0);
    return { x: VECTOR[0], y: VECTOR[1], z: VECTOR[2] };
  };
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
}

/** The pixel one order up that contains this one. */
export function parentOf(ipix: number): number {
  return Math.floor(ipix / 4);
}

/** The four pixels one order down, in order: south, east, west, north. */
export function childrenOf(ipix: number): [number, number, number, number] {
  return [4 * ipix, 4 * ipix + 1, 4 * ipix + 2, 4 * ipix + 3];
}

export function checkOrder(order: number): void {
  if (!Number.isInteger(order) || order < 0 || order > MAX_ORDER) {
    throw new AppError('invalid_argument', `order is ${String(order)}, must be a whole number from 0 to ${String(MAX_ORDER)}`);
  }
}

export function checkPixel(order: number, ipix: number): void {
  checkOrder(order);
  if (!Number.isInteger(ipix) || ipix < 0 || ipix >= pixelCount(order)) {
    throw new AppError('invalid_argument', `ipix is ${String(ipix)}, must be below ${String(pixelCount(order))} at order ${String(order)}`);
  }
}

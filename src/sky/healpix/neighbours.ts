// The pixels around a pixel. Inside a face they are x +- 1, y +- 1; over its edge the coordinates turn as the tables say
// (Gorski et al. 2005; the same tables as in the reference library). 24 corners of faces have no diagonal neighbour.

import { FACE, X, Y, checkPixel, ipixOfFace, placeOf } from './nested.ts';

// [direction][face] -> face over that edge or corner, -1 where there is none. direction = 4 + dx + 3 dy
const FACE_OVER = [
  [8, 9, 10, 11, -1, -1, -1, -1, 10, 11, 8, 9],
  [5, 6, 7, 4, 8, 9, 10, 11, 9, 10, 11, 8],
  [-1, -1, -1, -1, 5, 6, 7, 4, -1, -1, -1, -1],
  [4, 5, 6, 7, 11, 8, 9, 10, 11, 8, 9, 10],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  [1, 2, 3, 0, 0, 1, 2, 3, 5, 6, 7, 4],
  [-1, -1, -1, -1, 7, 4, 5, 6, -1, -1, -1, -1],
  [3, 0, 1, 2, 3, 0, 1, 2, 4, 5, 6, 7],
  [2, 3, 0, 1, -1, -1, -1, -1, 0, 1, 2, 3],
];
// [direction][band of faces: north, equator, south] -> bit 0: mirror x, bit 1: mirror y, bit 2: swap x and y
const TURN_OVER = [
  [0, 0, 3],
  [0, 0, 6],
  [0, 0, 0],
  [0, 0, 5],
  [0, 0, 0],
  [5, 0, 0],
  [0, 0, 0],
  [6, 0, 0],
  [3, 0, 0],
];

/** The pixel at (x, y) of a face, where x and y may lie up to nside outside it; -1 where the sphere has none. */
export function pixelAround(nside: number, face: number, x: number, y: number): number {
  let direction = 4;
  if (x < 0) {
    x += nside;
    direction -= 1;
  } else if (x >= nside) {
    x -= nside;
    direction += 1;
  }
  if (y < 0) {
    y += nside;
    direction -= 3;
  } else if (y >= nside) {
    y -= nside;
    direction += 3;
  }
  if (direction === 4) return ipixOfFace(nside, face, x, y);
  const faceOver = FACE_OVER[direction][face];
  if (faceOver < 0) return -1;
  const turn = TURN_OVER[direction][face >> 2];
  if ((turn & 1) !== 0) x = nside - 1 - x;
  if ((turn & 2) !== 0) y = nside - 1 - y;
  if ((turn & 4) !== 0) return ipixOfFace(nside, faceOver, y, x);
  return ipixOfFace(nside, faceOver, x, y);
}

const PLACE = new Float64Array(5);

/**
 * The neighbours that share an edge or a corner, in the order SW, W, NW, N, NE, E, SE, S without those that do not exist:
 * 8 of them, 7 at 24 corners of faces (6 at order 0, whose pixels have two such corners), each once.
 */
export function neighboursOf(order: number, ipix: number): number[] {
  checkPixel(order, ipix);
  placeOf(order, ipix, PLACE);
  const nside = 1 << order;
  const face = PLACE[FACE];
  const x = PLACE[X];
  const y = PLACE[Y];
  const found: number[] = [];
  for (const [dx, dy] of AROUND) {
    const neighbour = pixelAround(nside, face, x + dx, y + dy);
    if (neighbour >= 0) found.push(neighbour);
  }
  return found;
}

const AROUND = [
  [-1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
] as const;

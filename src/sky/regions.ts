// Regions of the sky as checked values. Directions are unit vectors (ICRS).

export interface UnitVector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Closed cone: inside means separation <= radiusRad. chordSq = 4 sin^2(radiusRad / 2). */
export interface Cone extends UnitVector {
  /** The centre as it was given; separations of answers are from the vector. */
  readonly raDeg: number;
  readonly decDeg: number;
  readonly radiusRad: number;
  readonly chordSq: number;
}

/** Spherical polygon with great-circle edges, 3 or more vertices; the smaller side is inside. */
export interface Polygon {
  readonly vertices: readonly UnitVector[];
}

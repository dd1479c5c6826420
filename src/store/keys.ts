// The names of all keys in Redis and Tile38, in one place. Every Redis key carries one {hash tag}, so that
// Redis Cluster keeps together what one command or script touches:
//
//   nj{SSS}…   one HEALPix shard (3 hex digits): everything of its detections and objects
//   nj{iT}…    ids of detections, T of the tag count    nj{aT}…    ids and aliases of objects
//   nj{meta}…  what all share: configuration, name numbers, which shards hold which night
//
// A block's name stays within 12 characters: with its header it fills a 16-byte allocation.

export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix = 'nj') {
    this.#prefix = prefix;
  }

  /** What the keys of a shard begin with; the scripts append the letters below. */
  shard(shard: number): string {
    return `${this.#prefix}{${shard.toString(16).padStart(3, '0')}}`;
  }

  /** String: packed rows of one fine pixel. `sub` is the pixel's number inside the shard. */
  block(shard: number, sub: number): string {
    return `${this.shard(shard)}b${String(sub)}`;
  }

  /** GEO set, local frame: the detections of one night. */
  night(shard: number, night: number): string {
    return `${this.shard(shard)}g${String(night)}`;
  }

  /** String: the shard's objects in the order they were founded. */
  objectLog(shard: number): string {
    return `${this.shard(shard)}o`;
  }

  /** GEO set, local frame: the shard's objects. */
  places(shard: number): string {
    return `${this.shard(shard)}p`;
  }

  /** Hash: `all` and one field a night, counts and times. */
  stats(shard: number): string {
    return `${this.shard(shard)}m`;
  }

  /** Set: `night:member` of rows that may no longer be written (lua/fenceId.lua). Short-lived. */
  fences(shard: number): string {
    return `${this.shard(shard)}f`;
  }

  /** Bitmap: which fine pixels have a block. */
  pixelMap(shard: number): string {
    return `${this.shard(shard)}x`;
  }

  /** What the buckets of detection ids of one tag begin with; the bucket number follows. */
  ids(tag: number): string {
    return `${this.#prefix}{i${tag.toString(16)}}`;
  }

  /** What the buckets of object names of one tag begin with; the bucket number follows. */
  objectNames(tag: number): string {
    return `${this.#prefix}{a${tag.toString(16)}}`;
  }

  /** Hash: layout numbers fixed at the first start. */
  config(): string {
    return `${this.#prefix}{meta}config`;
  }

  /** Hash: name to number. */
  names(kind: 'surveys' | 'stations' | 'bands'): string {
    return `${this.#prefix}{meta}${kind}`;
  }

  /** Set: shards that hold or held detections. */
  shards(): string {
    return `${this.#prefix}{meta}shards`;
  }

  /** Set: nights that have detections. */
  nights(): string {
    return `${this.#prefix}{meta}nights`;
  }

  /** Set: shards that have detections of a night. */
  shardsOfNight(night: number): string {
    return `${this.#prefix}{meta}n${String(night)}`;
  }
}

/** Collections of the live sky in Tile38. */
export class Tile38Keys {
  /** Points: detections; fields n night, t mjdTai, r the row as JSON. */
  readonly sky: string;
  /** Points: objects; field r as JSON. */
  readonly objects: string;
  /** Strings: `hex(name):hex(objectId)`. */
  readonly names: string;

  constructor(prefix = 'nj') {
    this.sky = `${prefix}:sky`;
    this.objects = `${prefix}:objects`;
    this.names = `${prefix}:names`;
  }
}

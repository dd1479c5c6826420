// The rows of an answer in order, sorted only as far as they are asked for: incremental quicksort (Paredes and Navarro
// 2006). The first page of a large answer costs a few partitions, and no step takes longer than one.

/** Below this many rows a part is sorted at once. */
const SORT_AT_ONCE = 512;
const INSERTION_AT = 12;

export class SortedRefs {
  keys: Float64Array = new Float64Array(1024);
  refs: Uint32Array = new Uint32Array(1024);
  length = 0;
  #sorted = 0;
  /** Ends of the parts that are still unsorted, nearest last: all keys of a part come before those of the next. */
  readonly #ends: number[] = [];
  readonly #compareTies: (a: number, b: number) => number;

  /** `compareTies` orders refs of equal keys. */
  constructor(compareTies: (a: number, b: number) => number) {
    this.#compareTies = compareTies;
  }

  clear(): void {
    this.length = 0;
    this.#sorted = 0;
    this.#ends.length = 0;
  }

  add(key: number, ref: number): void {
    if (this.length === this.refs.length) this.#grow();
    this.keys[this.length] = key;
    this.refs[this.length++] = ref;
  }

  /** Makes the first `count` rows the first ones in order. Add nothing after the first call. */
  sortFirst(count: number): void {
    const wanted = Math.min(count, this.length);
    if (this.#sorted === 0 && this.#ends.length === 0) this.#ends.push(this.length);
    while (this.#sorted < wanted) {
      const end = this.#ends[this.#ends.length - 1];
      if (end - this.#sorted <= SORT_AT_ONCE) {
        this.#sort(this.#sorted, end);
        this.#sorted = end;
        this.#ends.pop();
      } else {
        const middle = this.#partition(this.#sorted, end);
        this.#ends.push(middle);
      }
    }
  }

  #isBefore(i: number, j: number): boolean {
    const a = this.keys[i];
    const b = this.keys[j];
    return a < b || (a === b && this.#compareTies(this.refs[i], this.refs[j]) < 0);
  }

  #sort(from: number, to: number): void {
    while (to - from > INSERTION_AT) {
      const middle = this.#partition(from, to);
      // the smaller part by recursion, so that the depth stays below log2 of the length
      if (middle - from < to - middle) {
        this.#sort(from, middle);
        from = middle;
      } else {
        this.#sort(middle, to);
        to = middle;
      }
    }
    for (let i = from + 1; i < to; i++) {
      for (let j = i; j > from && this.#isBefore(j, j - 1); j--) this.#swap(j, j - 1);
    }
  }

  /** Hoare's, by the median of three; both parts are not empty. Returns the start of the second. */
  #partition(from: number, to: number): number {
    const { keys, refs } = this;
    const last = to - 1;
    const middle = (from + last) >>> 1;
    if (this.#isBefore(middle, from)) this.#swap(middle, from);
    if (this.#isBefore(last, from)) this.#swap(last, from);
    if (this.#isBefore(last, middle)) this.#swap(last, middle);
    const pivotKey = keys[middle];
    const pivotRef = refs[middle];
    let i = from;
    let j = last;
    for (;;) {
      while (keys[i] < pivotKey || (keys[i] === pivotKey && this.#compareTies(refs[i], pivotRef) < 0)) i++;
      while (pivotKey < keys[j] || (keys[j] === pivotKey && this.#compareTies(pivotRef, refs[j]) < 0)) j--;
      if (i >= j) return j + 1;
      this.#swap(i, j);
      i++;
      j--;
    }
  }

  #swap(i: number, j: number): void {
    const { keys, refs } = this;
    const key = keys[i];
    keys[i] = keys[j];
    keys[j] = key;
    const ref = refs[i];
    refs[i] = refs[j];
    refs[j] = ref;
  }

  #grow(): void {
    const keys = new Float64Array(2 * this.keys.length);
    keys.set(this.keys);
    this.keys = keys;
    const refs = new Uint32Array(2 * this.refs.length);
    refs.set(this.refs);
    this.refs = refs;
  }
}

// Texts in shared memory, exact to the UTF-16 code unit: one byte a unit where all units are below 256, else two.
// A length word holds the count of units and, as its highest bit, whether they are wide.

import type { SharedMemory } from './sharedMemory.ts';

export const WIDE = 0x8000_0000;

export function textLength(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return text.length + WIDE;
  return text.length;
}

export function textBytes(length: number): number {
  return length >= WIDE ? 2 * (length - WIDE) : length;
}

/** Writes the units from a byte offset on. */
export function writeText(memory: SharedMemory, at: number, text: string, length: number): void {
  const { u8 } = memory;
  if (length >= WIDE) {
    for (let i = 0; i < text.length; i++, at += 2) {
      const unit = text.charCodeAt(i);
      u8[at] = unit & 255;
      u8[at + 1] = unit >>> 8;
    }
  } else for (let i = 0; i < text.length; i++) u8[at + i] = text.charCodeAt(i);
}

export function readText(memory: SharedMemory, at: number, length: number): string {
  const { u8 } = memory;
  let text = '';
  if (length >= WIDE) for (let end = at + 2 * (length - WIDE); at < end; at += 2) text += String.fromCharCode(u8[at] | (u8[at + 1] << 8));
  else for (let end = at + length; at < end; at++) text += String.fromCharCode(u8[at]);
  return text;
}

export function isText(memory: SharedMemory, at: number, length: number, text: string): boolean {
  const { u8 } = memory;
  if (length >= WIDE) {
    if (text.length !== length - WIDE) return false;
    for (let i = 0; i < text.length; i++, at += 2) if (text.charCodeAt(i) !== (u8[at] | (u8[at + 1] << 8))) return false;
    return true;
  }
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== u8[at + i]) return false;
  return true;
}

/** FNV-1a over the code units, then mixed: all 32 bits are good. */
export function hashOfText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return mixed(hash);
}

/** Of the two halves of an int64. Neighbouring ids spread over all 32 bits. */
export function hashOfInt64(low: number, high: number): number {
  let hash = Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
  hash ^= hash >>> 15;
  return mixed((hash + high) | 0);
}

function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

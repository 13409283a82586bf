/**
 * SYNC: the 16 bytes that begin a session in each direction, and that no frame can contain (SPEC.md, "SYNC").
 * Whoever has lost the thread (a new engine on an old tty, a page after a restore) discards bytes up to the next SYNC
 * and is certain, not guessing, that a session begins there.
 */
export const SYNC = Uint8Array.of(
  0xf5,
  0x22,
  0xbb,
  0xb1,
  0x30,
  0x34,
  0x83,
  0x02,
  0xc0,
  0xb1,
  0x2e,
  0xe6,
  0x31,
  0x31,
  0x0a,
  0x18,
)

/** Where SYNC stands in `bytes` whole, or -1. */
export function findSync(bytes: Uint8Array, from = 0): number {
  for (let at = bytes.indexOf(SYNC[0]!, from); at >= 0; at = bytes.indexOf(SYNC[0]!, at + 1)) {
    if (at + SYNC.length > bytes.length) return -1
    if (SYNC.every((byte, index) => bytes[at + index] === byte)) return at
  }
  return -1
}

/**
 * How much of `bytes` one data frame may carry: all of it, unless it contains SYNC; then the frame ends inside SYNC,
 * so that the next frame's header breaks it up on the wire.
 */
export function lengthBeforeSync(bytes: Uint8Array): number {
  const at = findSync(bytes)
  return at < 0 ? bytes.length : at + SYNC.length / 2
}

/** Finds SYNC in a byte stream that arrives in chunks of any size. */
export class SyncScanner {
  /** Bytes of SYNC that the stream ended with so far. */
  #matched = 0

  /** Offset in `chunk` just after the first SYNC that ends in it at or after `from`, or -1. */
  next(chunk: Uint8Array, from = 0): number {
    let at = from
    while (at < chunk.length) {
      if (this.#matched === 0) {
        at = chunk.indexOf(SYNC[0]!, at)
        if (at < 0) return -1
      }
      // The first byte occurs nowhere else in SYNC, so a mismatch can only begin again at the mismatching byte.
      const byte = chunk[at]!
      this.#matched = byte === SYNC[this.#matched] ? this.#matched + 1 : byte === SYNC[0] ? 1 : 0
      at++
      if (this.#matched === SYNC.length) {
        this.#matched = 0
        return at
      }
    }
    return -1
  }
}

import { EngineError } from '../../../guest/protocol/errors.ts'

/** A layer of 4 GiB is larger than what any browser lets a site keep comfortably, and than any image made for 386. */
const MAX_UNPACKED = 4 * 2 ** 30
/** gzip reaches 1032:1 on zeros; real layers stay under 20:1. */
const MAX_RATIO = 200
/** Up to here a high ratio is harmless (a test image with one file of zeros). */
const RATIO_FROM = 256 * 2 ** 20

/** Stops decompression bombs while they unpack. */
export class UnpackLimit {
  private readonly name: string
  private readonly size: number | undefined
  private unpacked = 0

  /** @param size bytes as transferred, when known */
  constructor(name: string, size: number | undefined) {
    this.name = name
    this.size = size
  }

  /** @throws EngineError `too-large` */
  add(bytes: number): void {
    this.unpacked += bytes
    if (this.unpacked > MAX_UNPACKED) throw this.error(`more than ${MAX_UNPACKED / 2 ** 30} GiB`)
    if (this.size !== undefined && this.unpacked > RATIO_FROM && this.unpacked > this.size * MAX_RATIO)
      throw this.error(`more than ${MAX_RATIO} times its ${this.size} bytes`)
  }

  private error(what: string): EngineError {
    return new EngineError(
      'too-large',
      `layer ${this.name} unpacks to ${what}; it looks like a decompression bomb`,
    )
  }
}

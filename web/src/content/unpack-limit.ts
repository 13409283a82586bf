import { EngineError } from '../../../guest/protocol/errors.ts'

export interface UnpackLimits {
  /** Bytes unpacked. */
  most: number
  /** Unpacked bytes per transferred byte. */
  ratio: number
  /** Bytes up to which a high ratio is harmless (an image with one file of zeros). */
  ratioFrom: number
}

/**
 * 4 GiB is more than browsers let a site keep comfortably, and than any image made for 386. gzip reaches 1032:1 on
 * zeros; real layers stay under 20:1.
 */
export const UNPACK_LIMITS: UnpackLimits = { most: 4 * 2 ** 30, ratio: 200, ratioFrom: 256 * 2 ** 20 }

/** Stops decompression bombs while they unpack. */
export class UnpackLimit {
  private readonly name: string
  private readonly size: number | undefined
  private readonly limits: UnpackLimits
  private unpacked = 0

  /** @param size bytes as transferred, when known */
  constructor(name: string, size: number | undefined, limits = UNPACK_LIMITS) {
    this.name = name
    this.size = size
    this.limits = limits
  }

  /** @throws EngineError `too-large` */
  add(bytes: number): void {
    const { most, ratio, ratioFrom } = this.limits
    this.unpacked += bytes
    if (this.unpacked > most) throw this.error(`more than ${most} bytes`)
    if (this.size !== undefined && this.unpacked > ratioFrom && this.unpacked > this.size * ratio)
      throw this.error(`more than ${ratio} times its ${this.size} bytes`)
  }

  private error(what: string): EngineError {
    return new EngineError(
      'too-large',
      `layer ${this.name} unpacks to ${what}; it looks like a decompression bomb`,
    )
  }
}

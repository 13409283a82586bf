import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'

/** A stream of which some bytes were read already: the first read returns them. */
export class PrefixedStream implements ByteStream {
  private prefix: Uint8Array | undefined
  private readonly inner: ByteStream

  constructor(prefix: Uint8Array, inner: ByteStream) {
    this.prefix = prefix.length > 0 ? prefix : undefined
    this.inner = inner
  }

  get closed(): Promise<void> {
    return this.inner.closed
  }

  async read(): Promise<Uint8Array | null> {
    const { prefix } = this
    this.prefix = undefined
    return prefix ?? this.inner.read()
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.inner.write(chunk)
  }

  end(): Promise<void> {
    return this.inner.end()
  }

  reset(reason: string): void {
    this.inner.reset(reason)
  }
}

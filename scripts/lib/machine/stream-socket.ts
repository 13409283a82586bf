import { Duplex } from 'node:stream'
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'

/** A ByteStream as a Node socket, for libraries that want one. */
export function streamSocket(stream: ByteStream): Duplex {
  const duplex = new Duplex({
    read: () => {
      stream.read().then(
        (chunk) => duplex.push(chunk),
        (reason: Error) => duplex.destroy(reason),
      )
    },
    write: (chunk: Buffer, _encoding, done) =>
      void stream.write(new Uint8Array(chunk)).then(() => done(), done),
    final: (done) => void stream.end().then(() => done(), done),
    destroy: (reason, done) => {
      if (reason) stream.reset(reason.message)
      else stream.end().catch(() => stream.reset('destroyed'))
      done(null)
    },
  })
  return duplex
}

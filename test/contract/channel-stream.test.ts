import { randomBytes } from 'node:crypto'
import type { ByteStream, StreamHandler } from '../../guest/protocol/wire/byte-stream.ts'
import { GuestLink } from '../../guest/protocol/wire/guest-link.ts'
import { PageLink } from '../../guest/protocol/wire/page-link.ts'
import { byteStreamContract } from './byte-stream.ts'
import { VirtioConsoleModel } from './virtio-console-model.ts'

const pieceSize = (available: number) => 1 + Math.floor(Math.random() * available)

/** Both ends of a stream that the page (or the guest) opened, over a console that delivers in random pieces. */
function opened(by: 'page' | 'guest'): () => Promise<[ByteStream, ByteStream]> {
  return async () => {
    const device = new VirtioConsoleModel({ pieceSize })
    let accept!: (stream: ByteStream) => void
    const accepted = new Promise<ByteStream>((resolve) => (accept = resolve))
    const onStream: StreamHandler = (_open, stream) => accept(stream)
    const newEpoch = () => randomBytes(16).toString('hex')
    const page = new PageLink(device.page, { buildId: 'b', onStream, newEpoch })
    const guest = new GuestLink(device.openGuest(), { buildId: 'b', onStream, defer: setImmediate })
    guest.knock('started')
    const channel = await page.channel()
    const opener = by === 'page' ? channel : guest.channel!
    return [await opener.open({ service: 'engine' }), await accepted]
  }
}

byteStreamContract('a channel stream that the page opened', {
  connect: opened('page'),
  buffered: 1_000_000,
  carriesReset: true,
})
byteStreamContract('a channel stream that the guest opened', {
  connect: opened('guest'),
  buffered: 1_000_000,
  carriesReset: true,
})

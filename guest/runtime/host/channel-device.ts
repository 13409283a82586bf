/**
 * The engine's end of the channel: /dev/hvc1 in raw mode (init sets that and keeps the device open, because Node cannot
 * and hvc forgets it at the last close; guest/protocol/SPEC.md, "The device").
 */
import { openSync, writeSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { crc32 } from 'node:zlib'
import type { Channel, StreamHandler } from '../../protocol/byte-stream.ts'
import { EngineError } from '../../protocol/errors.ts'
import { GuestLink } from '../../protocol/guest-link.ts'
import type { ChannelTransport } from '../../protocol/link.ts'

export interface ChannelDeviceOptions {
  /** From the kernel command line, `porthole.build=`. */
  buildId: string
  /** Serves the streams that the page opens. */
  onStream: StreamHandler
  /** Called at every session: the first, and each after a restore or a fault. */
  onSession?: (channel: Channel) => void
}

export interface ChannelDevice {
  /** The present session; null while the page has not begun one. */
  readonly channel: Channel | null
  /** Resolves at once when there is a session, otherwise at the next. */
  session(): Promise<Channel>
  close(reason: string): void
}

/** Throws EngineError `unavailable` when the device cannot be opened. Sessions come and go by themselves from then on. */
export function openChannelDevice(path: string, options: ChannelDeviceOptions): ChannelDevice {
  const { input, transport } = openDevice(path)
  let waiting: ((channel: Channel) => void)[] = []
  const link = new GuestLink(transport, {
    buildId: options.buildId,
    onStream: options.onStream,
    crc32,
    defer: setImmediate,
    onSession: (channel) => {
      for (const resolve of waiting.splice(0)) resolve(channel)
      options.onSession?.(channel)
    },
  })
  link.knock('the engine started')
  return {
    get channel() {
      return link.channel
    },
    session: () =>
      link.channel
        ? Promise.resolve(link.channel)
        : new Promise((resolve) => (waiting = [...waiting, resolve])),
    close(reason) {
      link.close(new EngineError('unavailable', reason))
      input.destroy()
    },
  }
}

/**
 * Reading goes through libuv's terminal handle: one epoll wake-up, where fs.read would cross into a thread and back.
 * Writing blocks: the page takes what is written before the write returns, so there is nothing to wait for elsewhere.
 */
function openDevice(path: string): { input: ReadStream; transport: ChannelTransport } {
  let output: number
  let input: ReadStream
  try {
    output = openSync(path, 'w')
    input = new ReadStream(openSync(path, 'r'))
  } catch (cause) {
    throw new EngineError('unavailable', `the channel device ${path} cannot be opened`, { path }, cause)
  }
  const send = (bytes: Uint8Array): boolean => {
    for (let at = 0; at < bytes.length;) at += writeSync(output, bytes, at)
    return true
  }
  return { input, transport: { send, onData: (listener) => void input.on('data', listener) } }
}

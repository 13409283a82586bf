/** The engine's end of the channel: a virtio port, which one process at a time can open (guest/protocol/SPEC.md, "The device"). */
import { close, openSync, read, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Channel, StreamHandler } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { GuestLink } from '../../../protocol/wire/guest-link.ts'
import type { ChannelTransport } from '../../../protocol/wire/link.ts'

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
  const device = openDevice(path)
  let waiting: ((channel: Channel) => void)[] = []
  const link = new GuestLink(device.transport, {
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
      device.close()
    },
  }
}

/** What one read of a port gives at most: the driver's buffer. */
const READ_SIZE = 4096

/**
 * Reads wait in libuv's thread pool, one at a time, into one buffer. Writes block instead: the page takes what is
 * written before the write returns, so there is nothing to wait for elsewhere.
 */
function openDevice(path: string): { transport: ChannelTransport; close(): void } {
  let fd: number
  try {
    fd = openSync(path, 'r+')
  } catch (cause) {
    throw new EngineError('unavailable', `the channel device ${path} cannot be opened`, { path }, cause)
  }
  let closed = false
  const send = (bytes: Uint8Array): boolean => {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
    return true
  }
  const chunk = new Uint8Array(READ_SIZE)
  const onData = (listener: (chunk: Uint8Array) => void): void => {
    read(fd, chunk, 0, READ_SIZE, null, (error, size) => {
      if (closed) return
      if (error)
        throw new EngineError('unavailable', `the channel device ${path} cannot be read`, { path }, error)
      listener(chunk.subarray(0, size))
      onData(listener)
    })
  }
  return { transport: { send, onData, reusesChunks: true }, close: () => close(fd, () => (closed = true)) }
}

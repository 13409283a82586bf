/** A machine as somebody left it: what it has beyond the snapshot that it began from. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { NineServer, NineState } from '../nine/nine-server.ts'
import { hexDigest } from '../storage/digest.ts'
import { gunzip } from '../storage/gunzip.ts'
import type { ShelfVersions } from '../volumes/volume-shelf.ts'
import type { Emulator } from './emulator.ts'
import type { Machine } from './machine.ts'
import { applyMemoryDelta, hashPages, memoryDelta, type MemoryDelta } from './memory-delta.ts'

export interface SavedMachine {
  format: 1
  /** Of the snapshot that it began from; no other can be its base. */
  buildId: string
  /** MiB. */
  memory: number
  /** Milliseconds since 1970. */
  savedAt: number
  /** The 9P server's side of the state. */
  nine: NineState
  /** Registers and devices, as v86 saves them, gzipped. */
  devices: Packed
  pages: Uint32Array
  zeroed: Uint32Array
  /** The content of `pages`, gzipped. */
  content: Packed
  /** The saves of its volumes that its own data is at least as new as. */
  volumes: ShelfVersions
  /** SHA-256, in hex, of the hashes of all pages and of the devices. */
  sha256: string
}

export interface Packed {
  /** Bytes when it is unpacked. */
  size: number
  bytes: Uint8Array
}

export interface MachineToSave {
  machine: Machine
  nine: NineServer
  buildId: string
  /** MiB. */
  memory: number
  /** The hashes of the snapshot's pages. */
  base: Uint32Array
  /** What the page keeps of the machine's volumes; asked while the machine stands still. */
  volumes: () => Promise<ShelfVersions>
}

/** The first word of a state as v86 saves it uncompressed; a compressed one would be unpacked to whatever size it claims. */
const STATE_MAGIC = 0x86768676

/** The machine stands still for as long as its pages are compared and copied, and goes on whatever happens. */
export async function saveMachine(parts: MachineToSave): Promise<SavedMachine> {
  const { machine, buildId, memory, base } = parts
  const savedAt = Date.now()
  const { devices, volumes, nine, hashes, delta } = await stopped(machine, async () => {
    const devices = new Uint8Array(await machine.suspend())
    const volumes = await parts.volumes()
    const hashes = hashPages(machine.ram)
    return {
      devices,
      volumes,
      hashes,
      nine: parts.nine.save(),
      delta: memoryDelta(machine.ram, hashes, base),
    }
  })
  const { pages, zeroed, content } = delta
  return {
    ...{ format: 1, buildId, memory, savedAt, nine, volumes, pages, zeroed },
    devices: await pack(devices),
    content: await pack(content),
    sha256: await digest(hashes, devices),
  }
}

/**
 * Turns a machine that was restored from the snapshot, and has not run, into the saved one.
 * Rejects with EngineError `corrupt` when it is not what was saved; the machine is of no use then.
 */
export async function restoreSaved(
  { emulator, nine }: { emulator: Emulator; nine: NineServer },
  saved: SavedMachine,
): Promise<void> {
  const what = 'the saved machine'
  const content = await gunzip(saved.content.bytes, saved.content.size, what)
  const devices = await gunzip(saved.devices.bytes, saved.devices.size, what)
  if (new DataView(devices.buffer, devices.byteOffset).getUint32(0, true) !== STATE_MAGIC)
    throw new EngineError('corrupt', `${what} has no state of devices`)
  const delta: MemoryDelta = { pages: saved.pages, zeroed: saved.zeroed, content }
  applyMemoryDelta(emulator.ram, delta)
  if ((await digest(hashPages(emulator.ram), devices)) !== saved.sha256)
    throw new EngineError('corrupt', `${what} is damaged`)
  await emulator.restore(devices.slice().buffer)
  nine.restore(saved.nine)
}

async function stopped<Result>(machine: Machine, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } finally {
    await machine.resume()
  }
}

async function digest(hashes: Uint32Array, devices: Uint8Array): Promise<string> {
  const bytes = new Uint8Array(hashes.byteLength + devices.length)
  bytes.set(new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength))
  bytes.set(devices, hashes.byteLength)
  return hexDigest(bytes)
}

async function pack(bytes: Uint8Array): Promise<Packed> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('gzip'))
  return { size: bytes.length, bytes: new Uint8Array(await new Response(packed).arrayBuffer()) }
}

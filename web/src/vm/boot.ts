/** Boots a machine, step by step, until its engine answers: boot-progress.ts names the steps. */
import type { StreamHandler } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { NineServer } from '../nine/nine-server.ts'
import type { SiteReader } from '../trees/open-system-tree.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import type { BootStep, OnBootProgress } from './boot-progress.ts'
import { kernelCommandLine } from './command-line.ts'
import { Emulator } from './emulator.ts'
import type { ColdBootImages } from './emulator.ts'
import { Machine } from './machine.ts'
import { BOOT_FILES, manifestFile } from './manifest.ts'
import type { GuestManifest } from './manifest.ts'
import { readSiteFiles } from './site-files.ts'
import { restoreSaved, type SavedMachine } from './saved-machine.ts'
import { parseSnapshotIndex, readSnapshot, snapshotPath } from './snapshot.ts'
import type { SnapshotIndex } from './snapshot.ts'

/** MiB of a guest by default: the snapshot is made for this size, and WebKit bears no more. */
export const DEFAULT_MEMORY = 256
/** Milliseconds after which a guest that has not answered will not answer, even on a very busy device. */
const PATIENCE = { restored: 180_000, cold: 900_000 } as const

export interface BootParts {
  read: SiteReader
  manifest: GuestManifest
  wasm: () => Promise<WebAssembly.Module>
  nine: NineServer
  onStream: StreamHandler
  memory: number
  /** Boots without the snapshot. */
  cold: boolean
  /** Resolves with a machine that began from this snapshot, to go on with, if there is one; asked once the snapshot fits. */
  saved?: (base: SnapshotIndex) => Promise<SavedMachine | undefined>
  /** When false, the machine is returned before its engine answers, to those who examine why it does not. */
  waitForEngine: boolean
  onProgress: OnBootProgress
  /** Ends the boot with the signal's reason: between steps, in a download, or in a machine that runs already. */
  signal?: AbortSignal
  /** Called with the index before the state is fetched, so that the chunks it names can be fetched at the same time. */
  onSnapshot?: (index: SnapshotIndex) => void
}

export interface Booted {
  machine: Machine
  restored: boolean
}

export async function boot(parts: BootParts): Promise<Booted> {
  const { onProgress } = parts
  const index = await unlessAborted(findSnapshot(parts), parts.signal)
  const wasm = await step(parts, 'emulator', parts.wasm)
  if (!index) return { machine: await bootCold(parts, wasm), restored: false }
  skip(onProgress, ['kernel', 'boot'])
  return { machine: await restore(parts, wasm, index), restored: true }
}

/** The snapshot to restore; null when the machine has to boot, and a notice tells people why. */
async function findSnapshot({
  read,
  manifest,
  memory,
  cold,
  onProgress,
}: BootParts): Promise<SnapshotIndex | null> {
  const coldBecause = (notice: string) => {
    skip(onProgress, ['snapshot', 'restore'], notice)
    return null
  }
  if (cold) return coldBecause('a cold boot was asked for')
  const path = snapshotPath(memory)
  let bytes: Uint8Array
  try {
    bytes = await read(path)
  } catch (thrown) {
    const error = EngineError.from(thrown)
    if (error.details.status !== 404) throw error
    return coldBecause(`there is no snapshot for ${memory} MiB: booting takes a little longer`)
  }
  const index = parseSnapshotIndex(bytes, path)
  if (index.buildId !== manifest.buildId) {
    return coldBecause(
      `the snapshot is of build ${short(index.buildId)}, not of ${short(manifest.buildId)}: booting instead`,
    )
  }
  return index
}

async function restore(parts: BootParts, wasm: WebAssembly.Module, index: SnapshotIndex): Promise<Machine> {
  const { nine, memory, read, onProgress, onStream, manifest } = parts
  parts.onSnapshot?.(index)
  const creating = Emulator.create({ wasm, memory, nine })
  creating.catch(() => undefined)
  const finding = parts.saved?.(index)
  finding?.catch(() => undefined)
  try {
    const state = await step(parts, 'snapshot', () =>
      readSnapshot(read, index, (loaded, total) =>
        onProgress({ step: 'snapshot', state: 'running', loaded, total }),
      ),
    )
    const emulator = await creating
    await step(parts, 'restore', async () => {
      nine.restore(index.nine)
      await emulator.restore(state)
      const saved = await finding
      if (saved) await restoreSaved({ emulator, nine }, saved)
    })
  } catch (error) {
    const destroy = (emulator: Emulator): Promise<void> => emulator.destroy()
    creating.then(destroy).catch(() => undefined)
    throw error
  }
  const machine = new Machine({ emulator: await creating, buildId: manifest.buildId, onStream })
  await start(machine, parts, true, 'repair')
  return machine
}

async function bootCold(parts: BootParts, wasm: WebAssembly.Module): Promise<Machine> {
  const { nine, memory, onStream, manifest } = parts
  const cold = await step(parts, 'kernel', () => readImages(parts))
  const emulator = await Emulator.create({ wasm, memory, nine, cold })
  const machine = new Machine({ emulator, buildId: manifest.buildId, onStream })
  await start(machine, parts, false, 'boot')
  return machine
}

async function readImages({ read, manifest, onProgress }: BootParts): Promise<ColdBootImages> {
  const names = [BOOT_FILES.bios, BOOT_FILES.vgaBios, BOOT_FILES.kernel, BOOT_FILES.initramfs]
  const files = names.map((path) => manifestFile(manifest, path))
  const [bios, vgaBios, kernel, initramfs] = await readSiteFiles(read, files, (loaded, total) =>
    onProgress({ step: 'kernel', state: 'running', loaded, total }),
  )
  const commandLine = kernelCommandLine(manifest.buildId)
  return { bios: bios!, vgaBios: vgaBios!, kernel: kernel!, initramfs: initramfs!, commandLine }
}

/** Runs the machine until its engine answers; shuts it down when that takes too long. */
async function start(
  machine: Machine,
  parts: BootParts,
  restored: boolean,
  first: 'repair' | 'boot',
): Promise<void> {
  const { onProgress, waitForEngine, signal } = parts
  const stop = (): void => void machine.shutdown(EngineError.from(signal?.reason))
  const patience = restored ? PATIENCE.restored : PATIENCE.cold
  const timer = setTimeout(() => {
    const details = { console: machine.console.tail }
    const message = `the guest's engine did not answer within ${patience / 1000} s; its console has the reason`
    void machine.shutdown(new EngineError('unavailable', message, details))
  }, patience)
  signal?.addEventListener('abort', stop)
  try {
    await step(parts, first, () => machine.start(restored))
    if (first === 'boot') onProgress({ step: 'repair', state: 'done' })
    if (waitForEngine) await step(parts, 'engine', () => machine.connect())
  } catch (error) {
    await machine.shutdown(EngineError.from(error))
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

async function step<T>(
  { onProgress, signal }: Pick<BootParts, 'onProgress' | 'signal'>,
  name: BootStep,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  onProgress({ step: name, state: 'running' })
  const result = await unlessAborted(work(), signal)
  onProgress({ step: name, state: 'done' })
  return result
}

function skip(onProgress: OnBootProgress, steps: BootStep[], notice?: string): void {
  for (const [index, name] of steps.entries()) {
    onProgress({ step: name, state: 'skipped', ...(index === 0 && notice !== undefined && { notice }) })
  }
}

function short(buildId: string): string {
  return buildId.slice(0, 12)
}

/**
 * Makes V8's start-up snapshot of the engine: its heap after its modules were evaluated, which spares each start of the engine
 * their compilation. Only the guest's own Node on the guest's own processor makes one that it takes, so a guest is booted
 * for it. https://nodejs.org/docs/latest-v20.x/api/cli.html#--build-snapshot
 */
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EngineError } from '../guest/protocol/errors.ts'
import { GUEST_PATHS } from '../guest/protocol/paths.ts'
import { bundleEngine } from './build-engine.ts'
import { buildRootfs } from './build-rootfs.ts'
import { cached } from './lib/cache.ts'
import { emulatorVersion } from './lib/emulator-version.ts'
import { sha256 } from './lib/hash.ts'
import { runOnConsole } from './lib/machine/console-command.ts'
import { HeadlessMachine } from './lib/machine/headless-machine.ts'
import { projectRoot } from './lib/paths.ts'

/** Raised when the way of making it changes. */
const FORMAT = 1

/** Names the flags of the engine's Node, without which it would not take the snapshot. */
const INIT_SOURCE = 'guest/native/init/init.c'

export interface EngineSnapshotOptions {
  /** Publishes the guest without the snapshot, for booting it. */
  publishGuest: () => Promise<void>
}

export async function buildEngineSnapshot({ publishGuest }: EngineSnapshotOptions): Promise<Buffer> {
  const [{ code }, flags, emulator, debian] = await Promise.all([
    bundleEngine(),
    engineFlags(),
    emulatorVersion(),
    buildRootfs(),
  ])
  // V8's code depends on the processor, which is v86's, and on Node, which is the Debian tree's.
  const inputs = { FORMAT, engine: sha256(code), flags, emulator, debianTree: basename(debian.dir) }
  const dir = await cached('engine-snapshot', inputs, async (draft) => {
    await publishGuest()
    await writeFile(join(draft, 'engine.blob'), await makeInGuest(flags))
  })
  return readFile(join(dir, 'engine.blob'))
}

async function engineFlags(): Promise<string[]> {
  const source = await readFile(join(projectRoot, INIT_SOURCE), 'utf8')
  const flags = /engine_again_argv\[\] = \{\s*"node", (.*), "--snapshot-blob", ENGINE_SNAPSHOT/.exec(
    source,
  )?.[1]
  if (flags === undefined) throw new EngineError('not-found', `${INIT_SOURCE} has no flags of the engine`)
  return JSON.parse(`[${flags}]`) as string[]
}

/** The engine that init starts is not needed, and stopped so that it takes no time. */
const makeScript = (flags: string[], target: string): string =>
  [
    'echo 1 > /sys/fs/cgroup/engine/cgroup.freeze',
    `node ${flags.join(' ')} --snapshot-blob /tmp/engine.blob --build-snapshot ${GUEST_PATHS.engine}`,
  ].join('; ') + ` && dd if=/tmp/engine.blob of=${target} bs=64k conv=notrunc`

async function makeInGuest(flags: string[]): Promise<Uint8Array> {
  const machine = await HeadlessMachine.start({ cold: true, waitForEngine: false })
  try {
    const upload = machine.guest.content.uploads.begin()
    const bytes = collect(upload)
    const { output, code } = await runOnConsole(
      machine.guest.machine.console,
      makeScript(flags, `${GUEST_PATHS.uploadsDir}/${upload.name}`),
    )
    if (code === 0) upload.finish()
    else
      upload.fail(new EngineError('internal', `V8 made no start-up snapshot of the engine: ${output.trim()}`))
    return await bytes
  } finally {
    await machine.close()
  }
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all)
}

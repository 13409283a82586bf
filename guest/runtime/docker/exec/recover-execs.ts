/**
 * After a start of the engine: processes that the one before it started beside containers' first ones. Nobody knows their
 * exec any more, as with Docker: those of containers go on until they end, or their container does. Those of the guest
 * itself served a client whose connection ended with that engine.
 */
import { EngineError } from '../../../protocol/errors.ts'
import type { Shim } from '../../host/launcher/launcher-api.ts'
import type { EngineContext } from '../state/context.ts'
import { SIGKILL } from '../../task/signals.ts'

const SOCKET = /\.sock$/
const RECORD = /\.exit$/

/** Ids of shims that no container has: of those that live, and of those that left a record of their exit. */
async function strangers({ containers, files, paths }: EngineContext): Promise<Set<string>> {
  if (!(await files.exists(paths.shims))) return new Set()
  const names = (await files.list(paths.shims)).filter((name) => SOCKET.test(name) || RECORD.test(name))
  const ids = names.map((name) => name.replace(SOCKET, '').replace(RECORD, ''))
  return new Set(ids.filter((id) => containers.byId(id) === undefined))
}

/** A container's cgroup has its id as its name, wherever it is. */
async function isInContainer(
  { containers, files }: EngineContext,
  { pid }: Shim['identity'],
): Promise<boolean> {
  const path = `/proc/${pid}/cgroup`
  if (!(await files.exists(path))) return false
  const cgroup = await files.readText(path)
  return containers.all().some(({ id }) => cgroup.includes(id))
}

async function endUnlessInContainer(context: EngineContext, shim: Shim): Promise<void> {
  if (await isInContainer(context, shim.identity)) return
  try {
    await shim.signal(SIGKILL)
  } catch (error) {
    // It has ended meanwhile.
    if (EngineError.from(error).code !== 'conflict') throw error
  }
}

/** Without waiting for their ends. */
export async function recoverExecs(context: EngineContext): Promise<void> {
  const { files, launcher, paths, report } = context
  for (const id of await strangers(context)) {
    const shim = await launcher.reconnect(id)
    if (shim === undefined) {
      // A shim that was killed left its socket.
      await files.remove(`${paths.shims}/${id}.sock`)
      continue
    }
    shim.exited
      .finally(() => shim.release())
      .then(() => launcher.forget(id))
      .catch((error: unknown) => report(`the exit of exec ${id}`, error))
    await endUnlessInContainer(context, shim)
  }
}

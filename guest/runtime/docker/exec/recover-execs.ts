/**
 * Recovers, after a start of the engine, the processes that the engine before it started beside containers' first ones.
 * Nobody knows their exec any more, as with Docker: those of containers go on until they end, or their container does.
 * Those of the guest itself served a client whose connection ended with that engine, and are killed.
 */
import type { Shim } from '../../host/launcher/launcher-api.ts'
import type { EngineContext } from '../state/context.ts'
import { SIGKILL } from '../../task/signals.ts'
import { Task } from '../../task/task.ts'

const SOCKET = /\.sock$/
const RECORD = /\.exit$/

/** Ids of shims that belong to no container, whether they live or have left a record of their exit. */
async function strangers({ containers, files, paths }: EngineContext): Promise<Set<string>> {
  if (!(await files.exists(paths.shims))) return new Set()
  const names = (await files.list(paths.shims)).filter((name) => SOCKET.test(name) || RECORD.test(name))
  const ids = names.map((name) => name.replace(SOCKET, '').replace(RECORD, ''))
  return new Set(ids.filter((id) => containers.byId(id) === undefined))
}

/** Whether the process is in a container's cgroup, whose name is the container's id. */
async function isInContainer(
  { containers, files }: EngineContext,
  { pid }: Shim['identity'],
): Promise<boolean> {
  const path = `/proc/${pid}/cgroup`
  if (!(await files.exists(path))) return false
  const cgroup = await files.readText(path)
  return containers.all().some(({ id }) => cgroup.includes(id))
}

/** Recovers one exec, without waiting for its end. */
async function recoverExec(context: EngineContext, id: string): Promise<void> {
  const shim = await context.launcher.reconnect(id)
  // A shim that was killed has left its socket.
  if (shim === undefined) return context.files.remove(`${context.paths.shims}/${id}.sock`)
  const task = new Task(context, shim, { what: `exec ${id}` })
  task.exited
    .then(async () => {
      await task.cleanUp()
      await task.forget()
    })
    .catch((error: unknown) => context.report(`the exit of exec ${id}`, error))
  if (!(await isInContainer(context, shim.identity))) await task.signalUnlessEnded(SIGKILL)
}

/** Recovers all execs. The failure of one is reported and leaves the others alone. */
export async function recoverExecs(context: EngineContext): Promise<void> {
  for (const id of await strangers(context)) {
    try {
      await recoverExec(context, id)
    } catch (error) {
      context.report(`the recovery of exec ${id}`, error)
    }
  }
}

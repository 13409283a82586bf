/** Removes a directory with all that is mounted in it, as an engine that died may have left mounts there. */
import { MNT_DETACH } from '../../plan/linux-constants.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { EngineContext } from '../state/context.ts'

type Deps = Pick<EngineContext, 'files' | 'launcher'>

const MOUNTINFO = '/proc/self/mountinfo'

export const unmountPlan = (targets: readonly string[]): HostPlan => ({
  steps: targets.map((path) => ({ op: 'umount', path, flags: MNT_DETACH, tolerate: 'any' })),
})

/** Mount points below a directory, innermost first: proc_pid_mountinfo(5), field 5. */
async function mountsBelow({ files }: Deps, directory: string): Promise<string[]> {
  const lines = (await files.readText(MOUNTINFO)).split('\n')
  return lines
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${directory}/`))
    .reverse()
}

export async function removeMountedTree(deps: Deps, directory: string): Promise<void> {
  const mounts = await mountsBelow(deps, directory)
  if (mounts.length > 0) await deps.launcher.run(unmountPlan(mounts))
  await deps.files.removeTree(directory)
}

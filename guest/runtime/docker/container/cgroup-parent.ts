/**
 * `--cgroup-parent`: makes the cgroups above a container's own, as runc does, which a container without the flag finds
 * made by init (guest/native/init/init_setup.c).
 */
import { ifKnown } from '../../../protocol/errors.ts'
import type { HostPlan, Step } from '../../plan/plan.ts'
import { cgroupsPathOf } from '../state/cgroup.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

const encoder = new TextEncoder()

/** What all containers below one parent may have together. */
const CEILINGS = ['memory.max', 'pids.max']

const writeStep = (directory: string, file: string, text: string): Step => ({
  op: 'write-file',
  path: `${directory}/${file}`,
  data: encoder.encode(text),
})

/** The cgroups between the root of the hierarchy and the container's own, the topmost first. */
function parentsOf({ paths }: EngineContext, { record }: Container): string[] {
  const names = cgroupsPathOf(record).split('/').slice(1, -1)
  return names.map((_, depth) => `${paths.cgroupRoot}/${names.slice(0, depth + 1).join('/')}`)
}

/** Each parent passes the controllers on; the topmost gets the ceilings of Docker's own, unless it is that. */
function parentPlan(above: string[], controllers: readonly string[], ceilings: Step[]): HostPlan {
  const delegated = controllers.map((name) => `+${name}`).join(' ')
  return {
    steps: above.flatMap((path, depth): Step[] => [
      { op: 'mkdir', path, mode: 0o755, parents: true },
      writeStep(path, 'cgroup.subtree_control', delegated),
      ...(depth === 0 ? ceilings : []),
    ]),
  }
}

export async function prepareCgroupParent(context: EngineContext, container: Container): Promise<void> {
  const { files, paths, facts, launcher } = context
  if (!container.record.hostConfig.CgroupParent) return
  const above = parentsOf(context, container)
  const [topmost] = above
  if (topmost === undefined) return
  const ceilings: Step[] = []
  for (const file of topmost === paths.containersCgroup ? [] : CEILINGS) {
    const ceiling = await ifKnown(files.readText(`${paths.containersCgroup}/${file}`))
    if (ceiling !== undefined) ceilings.push(writeStep(topmost, file, ceiling.trim()))
  }
  await launcher.run(parentPlan(above, facts.controllers, ceilings))
}

import { expect, test } from 'vitest'
import type { Step } from '../../plan/plan.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { cgroupOf } from '../state/cgroup.ts'
import { startContainer } from './start-container.ts'

const DELEGATED = '+cpuset +cpu +io +memory +pids'

async function started(CgroupParent: string) {
  const engine = testEngine()
  engine.files.put('/sys/fs/cgroup/docker/pids.max', '1000\n')
  engine.files.put('/sys/fs/cgroup/docker/memory.max', '190000000\n')
  const container = await engine.create({ HostConfig: { CgroupParent } })
  await startContainer(engine.context, container)
  const steps = engine.machine.hostPlans.flatMap((plan) => plan.steps).map(described)
  return {
    path: cgroupOf(engine.context, container).replace(container.id, 'ID'),
    steps: steps.filter(Boolean),
  }
}

/** A step of the hierarchy of cgroups. */
function described(step: Step): string | undefined {
  if (!('path' in step) || typeof step.path !== 'string' || !step.path.startsWith('/sys/fs/cgroup/'))
    return undefined
  const path = step.path.replace('/sys/fs/cgroup/', '')
  return step.op === 'write-file' ? `${path} = ${new TextDecoder().decode(step.data)}` : `${step.op} ${path}`
}

test('a container without --cgroup-parent finds its parent made', async () => {
  expect(await started('')).toEqual({ path: '/sys/fs/cgroup/docker/ID', steps: [] })
})

test.each(['/team/web', 'team/web/', '../team/./web'])(
  '--cgroup-parent %s: each parent has the controllers, the topmost the ceilings of all containers',
  async (parent) => {
    expect(await started(parent)).toEqual({
      path: '/sys/fs/cgroup/team/web/ID',
      steps: [
        'mkdir team',
        `team/cgroup.subtree_control = ${DELEGATED}`,
        'team/memory.max = 190000000',
        'team/pids.max = 1000',
        'mkdir team/web',
        `team/web/cgroup.subtree_control = ${DELEGATED}`,
      ],
    })
  },
)

test('a parent below Docker’s own keeps its ceilings', async () => {
  expect((await started('/docker/web')).steps).toEqual([
    'mkdir docker',
    `docker/cgroup.subtree_control = ${DELEGATED}`,
    'mkdir docker/web',
    `docker/web/cgroup.subtree_control = ${DELEGATED}`,
  ])
})

test('the root of the hierarchy has no parents', async () => {
  expect(await started('/')).toEqual({ path: '/sys/fs/cgroup/ID', steps: [] })
})

/** Measures the launcher's floor and Debian's OCI runtimes on one bundle, in the machine of all other measurements. */
import { EngineApi } from '../../guest/vocabulary/engine-client/engine-api.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import { compilePlan } from '../../guest/runtime/oci/compile-plan.ts'
import { encodeLaunchPlan } from '../../guest/runtime/plan/encode-plan.ts'
import { execProcess } from '../../web/src/client/exec-process.ts'
import { FLOOR } from '../build-bench-image.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { bundleSpec } from './bundle.ts'
import { timeInGuest } from './guest-times.ts'

/** The bundle's path in the peers' root, on its tmpfs. */
const BUNDLE = '/tmp/bundle'
const SLOW = 5

export interface RuntimeTimes {
  floor: number[]
  crun: number[]
  runc: number[]
}

/** @param root see peer-root.ts */
export async function measureRuntimes(
  machine: HeadlessMachine,
  root: string,
  count: number,
): Promise<RuntimeTimes> {
  const lower = await busyboxLayers(machine)
  const bundle = `${root}${BUNDLE}`
  await machine.output(
    `mkdir -p ${bundle} && cd ${bundle} && mkdir -p upper work rootfs floor/upper floor/work`,
  )
  await machine.output(
    `mount -t overlay overlay -o lowerdir=${lower.join(':')},upperdir=${bundle}/upper,workdir=${bundle}/work ${bundle}/rootfs`,
  )
  const config = Buffer.from(JSON.stringify(bundleSpec(`${BUNDLE}/rootfs`)))
  await write(machine, config, `${bundle}/config.json`)
  await write(machine, floorPlan(lower, bundle), `${bundle}/plan`)
  const floor = `chroot ${root} /${FLOOR} ${GUEST_PATHS.launcherSocket} ${BUNDLE}/plan ${count}`
  return {
    floor: (await machine.output(floor)).split('\n').map(Number),
    crun: await timeInGuest(machine, `crun run -b ${BUNDLE} bench-crun`, count, root),
    runc: await timeInGuest(machine, `runc run -b ${BUNDLE} bench-runc`, Math.min(count, SLOW), root),
  }
}

/** Directories of the image's layers, highest first. */
async function busyboxLayers(machine: HeadlessMachine): Promise<string[]> {
  const { RootFS } = await new EngineApi(machine.transport).json('GET', '/images/busybox/json')
  return (RootFS.Layers ?? [])
    .reverse()
    .map((diffId) => `${GUEST_PATHS.layersDir}/${diffId.slice(diffId.indexOf(':') + 1)}`)
}

/** The launcher mounts the overlay itself; for the other runtimes it is mounted beforehand. */
function floorPlan(lower: string[], bundle: string): Buffer {
  const overlay = { lower, upper: `${bundle}/floor/upper`, work: `${bundle}/floor/work` }
  const plan = compilePlan(bundleSpec('/'), {
    id: 'bench-floor',
    root: { overlay },
    cgroupPath: `${GUEST_PATHS.containersCgroup}/bench-floor`,
    shimDir: GUEST_PATHS.shimDir,
  })
  return Buffer.from(encodeLaunchPlan(plan))
}

async function write(machine: HeadlessMachine, content: Buffer, path: string): Promise<void> {
  const input = (async function* () {
    yield content
  })()
  const code = await execProcess(machine.transport, ['tee', path], () => Promise.resolve(), { stdin: input })
  if (code !== 0) throw new EngineError('internal', `bench: ${path} could not be written in the guest`)
}

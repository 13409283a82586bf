/** The launcher's floor and Debian's OCI runtimes on one bundle, in the machine that everything else is measured in. */
import { readFile } from 'node:fs/promises'
import { EngineError } from '../../guest/protocol/errors.ts'
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import { compilePlan } from '../../guest/runtime/oci/compile-plan.ts'
import { encodeLaunchPlan } from '../../guest/runtime/oci/encode-plan.ts'
import { buildBenchTree } from '../build-bench-tree.ts'
import { execInGuest } from '../lib/exec-in-guest.ts'
import type { HeadlessMachine } from '../lib/headless-machine.ts'
import { bundleSpec } from './bundle.ts'
import { sh } from './guest-shell.ts'
import { timeInGuest } from './guest-times.ts'

const BUNDLE = '/var/lib/docker/bench'

export interface PeerTimes {
  floor: number[]
  crun: number[]
  runc: number[]
}

export async function measurePeers(
  machine: HeadlessMachine,
  layers: string[],
  count: number,
): Promise<PeerTimes> {
  await write(machine, await readFile(await buildBenchTree()), ['tar', '-x', '-f', '-', '-C', '/'])
  const lower = [...layers].reverse().map((diffId) => `${GUEST_PATHS.layersDir}/${hexOf(diffId)}`)
  await sh(machine, `mkdir -p ${BUNDLE} && cd ${BUNDLE} && mkdir upper work rootfs floor`)
  await sh(
    machine,
    `mount -t overlay overlay -o lowerdir=${lower.join(':')},upperdir=${BUNDLE}/upper,workdir=${BUNDLE}/work ${BUNDLE}/rootfs`,
  )
  const config = Buffer.from(JSON.stringify(bundleSpec(`${BUNDLE}/rootfs`)))
  await write(machine, config, ['tee', `${BUNDLE}/config.json`])
  await write(machine, floorPlan(lower), ['tee', `${BUNDLE}/plan`])
  return {
    floor: await floor(machine, count),
    crun: await timeInGuest(machine, `crun run -b ${BUNDLE} bench-crun`, count),
    runc: await timeInGuest(machine, `runc run -b ${BUNDLE} bench-runc`, Math.min(count, 5)),
  }
}

/** The launcher mounts the overlay itself, which the other runtimes find mounted. */
function floorPlan(lower: string[]): Buffer {
  const overlay = { lower, upper: `${BUNDLE}/floor/upper`, work: `${BUNDLE}/floor/work` }
  const plan = compilePlan(bundleSpec('/'), {
    id: 'bench-floor',
    root: { overlay },
    cgroupPath: `${GUEST_PATHS.containersCgroup}/bench-floor`,
    shimDir: GUEST_PATHS.shimDir,
  })
  return Buffer.from(encodeLaunchPlan(plan))
}

async function floor(machine: HeadlessMachine, count: number): Promise<number[]> {
  const command = `/usr/lib/porthole/floor ${GUEST_PATHS.launcherSocket} ${BUNDLE}/plan ${count}`
  return (await sh(machine, command)).trim().split('\n').map(Number)
}

async function write(machine: HeadlessMachine, content: Buffer, command: string[]): Promise<void> {
  const pieces = (async function* () {
    for (let offset = 0; offset < content.length; offset += 1 << 16)
      yield content.subarray(offset, offset + (1 << 16))
  })()
  const code = await execInGuest(machine.transport, command, () => Promise.resolve(), pieces)
  if (code !== 0)
    throw new EngineError('internal', `bench: ${command.join(' ')} failed in the guest with ${code}`)
}

const hexOf = (digest: string): string => digest.slice(digest.indexOf(':') + 1)

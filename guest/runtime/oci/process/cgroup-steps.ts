/** A container's cgroup: made, limited and guarded before the process is cloned into it. */
import { cgroupFiles } from './cgroup-resources.ts'
import { compileDeviceRules } from '../rootfs/device-program.ts'
import type { HostPlan, Step } from '../../plan/plan.ts'
import type { OciDeviceRule, OciResources } from '../spec.ts'

const encoder = new TextEncoder()

/** What a container needs whatever its rules say (config-linux.md, Default Devices); ptmx and the slaves of devpts. */
const ALWAYS: readonly OciDeviceRule[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...(
    [
      [1, 3],
      [1, 8],
      [1, 7],
      [5, 0],
      [1, 5],
      [1, 9],
      [5, 1],
      [5, 2],
    ] as const
  ).map(([major, minor]): OciDeviceRule => ({ allow: true, type: 'c', major, minor, access: 'rwm' })),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
]

export function cgroupSteps(path: string, resources: OciResources): Step[] {
  return [
    { op: 'mkdir', path, mode: 0o755, parents: true },
    ...resourceSteps(path, resources),
    ...deviceGuard(path, resources),
  ]
}

/** Limits of a living container: `docker update`. */
export const compileUpdatePlan = (path: string, resources: OciResources): HostPlan => ({
  steps: resourceSteps(path, resources),
})

/** A kernel without swap has no memory.swap.max: then there is none to limit. */
function resourceSteps(path: string, resources: OciResources): Step[] {
  return cgroupFiles(resources).map(({ file, value }) => ({
    op: 'write-file',
    path: `${path}/${file}`,
    data: encoder.encode(value),
    ...(file === 'memory.swap.max' && { tolerate: 'ENOENT' as const }),
  }))
}

/** No rules at all, or a plain "allow all", need no program. */
function deviceGuard(cgroup: string, { devices }: OciResources): Step[] {
  const last = devices?.at(-1)
  const all =
    last?.allow === true &&
    (last.type === undefined || last.type === 'a') &&
    (last.access ?? 'rwm').length === 3
  if (devices === undefined || devices.length === 0 || (all && last.major === undefined)) return []
  return [{ op: 'bpf-cgroup-device', cgroup, program: programFor(devices) }]
}

/** Nearly all containers have the same rules as the one before, and a program takes long to assemble in the guest. */
let latest: { devices: readonly OciDeviceRule[]; rules: string; program: Uint8Array } | undefined

function programFor(devices: readonly OciDeviceRule[]): Uint8Array {
  if (latest?.devices === devices) return latest.program
  const rules = JSON.stringify(devices)
  const program = latest?.rules === rules ? latest.program : compileDeviceRules([...devices, ...ALWAYS])
  latest = { devices, rules, program }
  return program
}

/** Namespaces that the shim enters or prepares before the clone, and leaves after it. */
import { EngineError } from '../../../protocol/errors.ts'
import { CLONE, O } from '../../plan/linux-constants.ts'
import { NAMESPACE_FLAG, type Namespaces } from './namespaces.ts'
import { SLOT, type Slot, type Step } from '../../plan/plan.ts'
import type { OciLinux, OciNamespaceType } from '../spec.ts'

const encoder = new TextEncoder()
/** Docker's embedded resolver. */
const DNS = { address: '127.0.0.11', port: 53 } as const

const OWN: Partial<Record<OciNamespaceType, { slot: Slot; file: string }>> = {
  network: { slot: SLOT.ownNetwork, file: 'net' },
  pid: { slot: SLOT.ownPids, file: 'pid_for_children' },
  ipc: { slot: SLOT.ownIpc, file: 'ipc' },
  uts: { slot: SLOT.ownUts, file: 'uts' },
}

export function shimJoinSteps(
  { created, joined }: Namespaces,
  dnsListener: boolean,
): { join: Step[]; leave: Step[] } {
  const network = joined.get('network')
  if (dnsListener && network === undefined) {
    throw new EngineError('invalid', 'a DNS listener needs a network namespace given by its path')
  }
  const types = new Set<OciNamespaceType>()
  if (joined.has('pid')) types.add('pid')
  if (dnsListener) types.add('network')
  // A namespace of the guest can be joined only by a process that is not yet in the container's user namespace.
  if (created.has('user'))
    for (const type of ['network', 'ipc', 'uts'] as const) if (joined.has(type)) types.add(type)
  const join = [...types].flatMap((type): Step[] => [
    { op: 'open', slot: OWN[type]!.slot, path: `/proc/self/ns/${OWN[type]!.file}`, flags: O.RDONLY },
    { op: 'setns', path: joined.get(type)!, flags: Number(NAMESPACE_FLAG[type]) },
  ])
  const listen: Step[] = dnsListener ? [{ op: 'dns-listen', ...DNS }] : []
  const leave = [...types].map((type): Step => ({
    op: 'setns-slot',
    slot: OWN[type]!.slot,
    flags: Number(NAMESPACE_FLAG[type]),
  }))
  return { join: [...join, ...listen], leave }
}

/** The clock offsets can only be written between the namespace's making and its first process, which the clone is. */
export function timeSteps({ created, joined }: Namespaces, offsets: OciLinux['timeOffsets']): Step[] {
  const path = joined.get('time')
  if (path !== undefined) return [{ op: 'setns', path, flags: Number(CLONE.NEWTIME) }]
  if (!created.has('time')) return []
  const lines = Object.entries(offsets ?? {}).map(
    ([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`,
  )
  return [
    { op: 'unshare', flags: CLONE.NEWTIME },
    ...(lines.length === 0
      ? []
      : [
          {
            op: 'write-file',
            path: '/proc/self/timens_offsets',
            data: encoder.encode(lines.join('')),
          } as const,
        ]),
  ]
}

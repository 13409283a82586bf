/** Routes for what Docker's API lacks; guest/protocol/api/porthole.ts has their types. */
import {
  NAMESPACE_KINDS,
  type ContainerTimeline,
  type NamespaceKind,
  type NamespaceMember,
  type PublishedPort,
  type TimelineStep,
} from '../../../../protocol/api/engine-api.ts'
import type { Files } from '../../../host/files/files.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { networkSettings, portSummaries } from '../../inspect/inspect-container.ts'
import { json, type Route } from '../api-types.ts'

export function portholeRoutes(context: EngineContext): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/porthole/namespaces',
      handler: async () => json({ members: await members(context) }),
    },
    {
      method: 'GET',
      pattern: '/porthole/containers/{id*}/timeline',
      handler: (_, { id }) => json(timeline(context.containers.find(id!))),
    },
    { method: 'GET', pattern: '/porthole/ports', handler: () => json(publishedPorts(context)) },
  ]
}

/**
 * The namespaces of a process (namespaces(7)): each link's target is `kind:[inode]`. The `_for_children` links of pid
 * and time are left out.
 */
async function namespacesOf(files: Files, pid: number): Promise<Record<NamespaceKind, number>> {
  const entries: [string, number][] = []
  for (const kind of NAMESPACE_KINDS) {
    const path = `/proc/${pid}/ns/${kind}`
    const target = (await files.exists(path)) ? await files.readLink(path) : ''
    entries.push([kind, Number(/\[(\d+)\]/.exec(target)?.[1] ?? 0)])
  }
  return Object.fromEntries(entries) as Record<NamespaceKind, number>
}

async function members(context: EngineContext): Promise<NamespaceMember[]> {
  const processes: Omit<NamespaceMember, 'namespaces'>[] = [
    { kind: 'guest', id: '', name: 'init', pid: 1 },
    { kind: 'engine', id: '', name: 'engine', pid: process.pid },
    ...context.containers
      .all()
      .filter(({ task }) => task !== undefined)
      .map((container) => ({
        kind: 'container' as const,
        id: container.id,
        name: container.plainName,
        pid: container.task!.identity.pid,
      })),
  ]
  const result: NamespaceMember[] = []
  for (const member of processes)
    result.push({ ...member, namespaces: await namespacesOf(context.files, member.pid) })
  return result
}

/** Byte arguments longer than this (seccomp programs, netlink messages) are shown by their length. */
const SHOWN_BYTES = 64

/** A plan's step as JSON: 64-bit numbers as decimal text, bytes as hex. */
function planJson(step: object): Record<string, unknown> {
  const shown = (value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value)
    if (!(value instanceof Uint8Array)) return value
    return value.length > SHOWN_BYTES ? { bytes: value.length } : Buffer.from(value).toString('hex')
  }
  return Object.fromEntries(Object.entries(step).map(([key, value]) => [key, shown(value)]))
}

function timeline({ id, report, plan }: Container): ContainerTimeline {
  const steps = report().map(({ role, step, op, result, nanoseconds }): TimelineStep => {
    const planned = plan?.[role][step]
    return { role, step, op, result, nanoseconds, ...(planned && { plan: planJson(planned) }) }
  })
  return { id, steps }
}

function publishedPorts(context: EngineContext): PublishedPort[] {
  return context.containers
    .all()
    .filter(({ isRunning }) => isRunning)
    .flatMap((container) =>
      portSummaries(networkSettings(context, container).Ports).flatMap((port) =>
        port.PublicPort === undefined
          ? []
          : [
              {
                containerId: container.id,
                containerName: container.plainName,
                protocol: port.Type,
                privatePort: port.PrivatePort,
                publicPort: port.PublicPort,
                hostIp: port.IP ?? '',
              },
            ],
      ),
    )
}

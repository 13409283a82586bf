/** Which of the spec's namespaces are made, which are joined, and where. */
import { EngineError } from '../../../protocol/errors.ts'
import { CLONE } from '../../plan/linux-constants.ts'
import { OCI_NAMESPACES, type OciLinux, type OciNamespaceType } from '../spec.ts'

export const NAMESPACE_FLAG: Record<OciNamespaceType, bigint> = {
  pid: CLONE.NEWPID,
  network: CLONE.NEWNET,
  mount: CLONE.NEWNS,
  ipc: CLONE.NEWIPC,
  uts: CLONE.NEWUTS,
  user: CLONE.NEWUSER,
  cgroup: CLONE.NEWCGROUP,
  time: CLONE.NEWTIME,
}

export interface Namespaces {
  /** New namespaces. */
  created: ReadonlySet<OciNamespaceType>
  /** Namespaces of others, by path. */
  joined: ReadonlyMap<OciNamespaceType, string>
}

export function readNamespaces(linux: OciLinux | undefined): Namespaces {
  const created = new Set<OciNamespaceType>()
  const joined = new Map<OciNamespaceType, string>()
  for (const { type, path } of linux?.namespaces ?? []) {
    if (!OCI_NAMESPACES.includes(type))
      throw new EngineError('invalid', `namespace type "${type}" does not exist`, { type })
    if (created.has(type) || joined.has(type)) {
      throw new EngineError('invalid', `namespace type "${type}" is given twice`, { type })
    }
    if (path) joined.set(type, path)
    else created.add(type)
  }
  return { created, joined }
}

export const isPrivate = (namespaces: Namespaces, type: OciNamespaceType): boolean =>
  namespaces.created.has(type) || namespaces.joined.has(type)

/**
 * Flags for clone3. Not the cgroup namespace: its root would be the parent's cgroup, as it is made before
 * CLONE_INTO_CGROUP takes effect. Not the time namespace: its offsets must be written before its first process.
 */
export function cloneFlags({ created }: Namespaces): bigint {
  return [...created]
    .filter((type) => type !== 'cgroup' && type !== 'time')
    .reduce((flags, type) => flags | NAMESPACE_FLAG[type], 0n)
}

/** All namespaces that an exec must enter after the clone; the PID namespace is entered by the shim, for its children. */
export function joinFlags({ created, joined }: Namespaces): bigint {
  return [...created, ...joined.keys()]
    .filter((type) => type !== 'pid')
    .reduce((flags, type) => flags | NAMESPACE_FLAG[type], 0n)
}

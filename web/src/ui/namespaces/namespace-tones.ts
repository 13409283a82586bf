import {
  NAMESPACE_KINDS,
  type NamespaceKind,
  type NamespaceMember,
} from '../../../../guest/protocol/api/engine-api.ts'

/** The number of colours beside the guest's own; further namespaces begin again with the first. */
const TONES = 5

/**
 * A colour for each namespace, by kind and inode number, so that processes which share a namespace share its colour: 0
 * is the guest's own, the others count up in the order of their first member.
 */
export function namespaceTones(
  members: readonly NamespaceMember[],
): Record<NamespaceKind, Map<number, number>> {
  const guest = members.find(({ kind }) => kind === 'guest')
  const entries = NAMESPACE_KINDS.map((kind) => {
    const others = members
      .map(({ namespaces }) => namespaces[kind])
      .filter((inode) => inode !== guest?.namespaces[kind])
    const tones = new Map<number, number>(
      [...new Set(others)].map((inode, index) => [inode, 1 + (index % TONES)]),
    )
    if (guest) tones.set(guest.namespaces[kind], 0)
    return [kind, tones] as const
  })
  return Object.fromEntries(entries) as Record<NamespaceKind, Map<number, number>>
}

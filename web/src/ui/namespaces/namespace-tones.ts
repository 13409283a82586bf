import {
  NAMESPACE_KINDS,
  type NamespaceKind,
  type NamespaceMember,
} from '../../../../guest/protocol/api/engine-api.ts'

/** Colours beside the guest's own; after the last they begin again. */
const TONES = 5

/**
 * A colour for each namespace, by kind and inode number: 0 is the guest's own, the others count up in order of their
 * first member, so that who shares a namespace shares its colour.
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

import { expect, test } from 'vitest'
import {
  NAMESPACE_KINDS,
  type NamespaceKind,
  type NamespaceMember,
} from '../../../../guest/protocol/api/engine-api.ts'
import { namespaceTones } from './namespace-tones.ts'

function member(kind: NamespaceMember['kind'], inode: number, net = inode): NamespaceMember {
  const namespaces = Object.fromEntries(NAMESPACE_KINDS.map((name) => [name, inode])) as Record<
    NamespaceKind,
    number
  >
  return { kind, id: String(inode), name: String(inode), pid: inode, namespaces: { ...namespaces, net } }
}

test("the guest's own namespaces have tone 0, others a tone each, shared ones the same", () => {
  const tones = namespaceTones([member('guest', 1), member('container', 2), member('container', 3, 2)])
  expect(tones.mnt).toEqual(
    new Map([
      [1, 0],
      [2, 1],
      [3, 2],
    ]),
  )
  expect(tones.net).toEqual(
    new Map([
      [1, 0],
      [2, 1],
    ]),
  )
})

test('a container in the host network has the colour of the guest', () => {
  const tones = namespaceTones([member('guest', 1), member('container', 2, 1)])
  expect(tones.net).toEqual(new Map([[1, 0]]))
})

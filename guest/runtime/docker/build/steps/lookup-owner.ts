/**
 * Looks up `--chown=user:group`, by number or in the image's /etc/passwd and /etc/group. Sentences: moby
 * internals_linux.go.
 */
import { EngineError } from '../../../../protocol/errors.ts'
import type { Owner, RootedTree } from '../../../host/files/rooted-tree.ts'

function lookup(tree: RootedTree, file: string, name: string): number | undefined {
  const found = tree.follow(file)
  if (!found) throw new EngineError('invalid', `open ${file}: no such file or directory`, { file })
  const line = tree
    .readText(found.path)
    .split('\n')
    .map((text) => text.split(':'))
    .find(([known]) => known === name)
  return line && Number(line[2])
}

function idOf(tree: RootedTree, name: string, what: 'user' | 'group'): number {
  if (/^[+-]?\d+$/.test(name)) return Number(name)
  const id = what === 'user' ? 'uid' : 'gid'
  const failed = (why: string) =>
    new EngineError(
      'invalid',
      `unable to convert uid/gid chown string to host mapping: can't find ${id} for ${what} ${name}: ${why}`,
      { name },
    )
  let number: number | undefined
  try {
    number = lookup(tree, what === 'user' ? '/etc/passwd' : '/etc/group', name)
  } catch (thrown) {
    throw failed(EngineError.from(thrown).message)
  }
  if (number === undefined) throw failed(`no such ${what}: ${name}`)
  return number
}

/** Looks up an owner. Without a group, the user's name or number also names the group. */
export function lookupOwner(tree: RootedTree, chown: string): Owner {
  const parts = chown.split(':')
  if (parts.length > 2)
    throw new EngineError(
      'invalid',
      `unable to convert uid/gid chown string to host mapping: invalid chown string format: ${chown}`,
    )
  const [user = '', group = user] = parts
  return { uid: idOf(tree, user, 'user'), gid: idOf(tree, group, 'group') }
}

/** The sources of COPY and ADD: found in a tree, and known by checksums of what they are. */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { EngineError } from '../../../../protocol/errors.ts'
import type { RootedTree } from '../../../host/files/rooted-tree.ts'
import type { InlineFile } from '../dockerfile/instructions.ts'
import { compileMatch, hasWildcards } from '../../../../vocabulary/dockerignore/go-match.ts'

export type CopySource =
  | {
      kind: 'tree'
      tree: RootedTree
      /** As found, its last name not followed: the name that a file is copied under. */
      path: string
      checksum: string
      /** Not to be taken apart, whatever it is: it was downloaded. */
      whole: boolean
    }
  | { kind: 'inline'; file: InlineFile; checksum: string }

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Below `path`, links not followed; sorted by name. */
function* entriesBelow(tree: RootedTree, path: string): Generator<string> {
  yield path
  if (tree.entry(path)!.type !== 'directory') return
  for (const name of tree.list(path)) yield* entriesBelow(tree, posix.join(path, name))
}

/** What an earlier build or instruction found out about a tree that does not change: keys are paths. */
export type ChecksumCache = Map<string, string>

function checksumOf(tree: RootedTree, path: string): string | undefined {
  const found = tree.follow(path)
  if (!found) return undefined
  if (found.entry.type !== 'directory') return `file:${tree.checksum(found.path)}`
  const sums = [...entriesBelow(tree, found.path)]
    .filter((entry) => entry !== '/')
    .map((entry) => tree.checksum(entry))
  return `dir:${sha256(sums.sort().join(','))}`
}

function missing(path: string, inContext: boolean): EngineError {
  const stat = `stat ${path}: file does not exist`
  const why = inContext ? `file not found in build context or excluded by .dockerignore: ${stat}` : stat
  return new EngineError('not-found', why, { path })
}

/** Names that match, one level at a time: wildcards stand for no slash. */
function matches(tree: RootedTree, pattern: string): string[] {
  let found = ['/']
  for (const part of pattern.split('/').filter((name) => name !== '' && name !== '.')) {
    const expression = compileMatch(part)
    found = found
      .filter((path) => tree.entry(path)?.type === 'directory')
      .flatMap((path) =>
        tree
          .list(path)
          .filter((name) => expression.test(name))
          .map((name) => posix.join(path, name)),
      )
  }
  return found.filter((path) => path !== '/')
}

function checkInside(path: string): void {
  const normal = posix.normalize(path)
  if (normal === '..' || normal.startsWith('../'))
    throw new EngineError('invalid', `forbidden path outside the build context: ${path} ()`, { path })
}

/**
 * The files that one source names.
 * @param inContext the build context, not an image
 * @param cache of a tree that never changes: an image's
 */
export function findSources(
  tree: RootedTree,
  source: string,
  inContext: boolean,
  cache?: ChecksumCache,
): CopySource[] {
  const path = source.replace(/^\//, '').replace(/^\.\//, '')
  const one = (at: string): CopySource => {
    checkInside(at)
    const checksum = cache?.get(at) ?? checksumOf(tree, at)
    if (checksum === undefined) throw missing(at, inContext)
    cache?.set(at, checksum)
    return { kind: 'tree', tree, path: posix.join('/', at), checksum, whole: false }
  }
  if (!hasWildcards(path)) return [one(path)]
  return matches(tree, path).map((match) => one(match.slice(1)))
}

export const inlineSource = (file: InlineFile): CopySource => ({
  kind: 'inline',
  file,
  checksum: `file:${sha256(JSON.stringify([file.name, file.data]))}`,
})

/** Of all the sources of an instruction. */
export function combinedChecksum(sources: readonly CopySource[]): string {
  if (sources.length === 1) return sources[0]!.checksum
  return `multi:${sha256(sources.map(({ checksum }) => checksum).join(','))}`
}

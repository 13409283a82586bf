/** Finds the sources of COPY and ADD in a tree. Checksums of their files identify them. */
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
      /** The path that was found, its last name not followed: the file is copied under this name. */
      path: string
      checksum: string
      /** A downloaded file, which is never unpacked, whatever it is. */
      whole: boolean
    }
  | { kind: 'inline'; file: InlineFile; checksum: string }

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** The path and all paths below it, sorted by name; links are not followed. */
function* entriesBelow(tree: RootedTree, path: string): Generator<string> {
  yield path
  if (tree.entry(path)!.type !== 'directory') return
  for (const name of tree.list(path)) yield* entriesBelow(tree, posix.join(path, name))
}

/** Checksums that an earlier build or instruction has computed in a tree that does not change, by path. */
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

/** Paths that match, found one level at a time, as wildcards stand for no slash. */
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
 * Finds the files that one source names.
 * @param inContext the tree is the build context, not an image
 * @param cache of a tree that never changes, as an image's does
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

/** One checksum for all the sources of an instruction. */
export function combinedChecksum(sources: readonly CopySource[]): string {
  if (sources.length === 1) return sources[0]!.checksum
  return `multi:${sha256(sources.map(({ checksum }) => checksum).join(','))}`
}

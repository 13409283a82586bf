/**
 * The context that came with the request: unpacked, its Dockerfile read, and what `.dockerignore` hides from the build
 * removed.
 */
import { posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import { openTar } from '../../host/files/archive-bytes.ts'
import { RootedTree } from '../../host/files/rooted-tree.ts'
import type { BuildOptions } from './build-options.ts'
import type { BuildWorkspace } from './build-workspace.ts'
import { parseDockerignore } from '../../../vocabulary/dockerignore/dockerignore.ts'
import type { Dockerfile } from './dockerfile/instructions.ts'
import { parseDockerfile } from './dockerfile/parse-dockerfile.ts'
import { PatternMatcher } from '../../../vocabulary/dockerignore/pattern-matcher.ts'

const DEFAULT_DOCKERFILE = 'Dockerfile'
const IGNORE_FILE = '.dockerignore'

export interface BuildContext {
  tree: RootedTree
  dockerfile: Dockerfile
}

/** The Dockerfile's path relative to the context. Throws Docker's sentence when there is none. */
function locate(tree: RootedTree, name: string): string {
  const candidates = name === DEFAULT_DOCKERFILE ? [name, name.toLowerCase()] : [name]
  const found = candidates.find((path) => tree.follow(`/${path}`))
  if (found === undefined)
    throw new EngineError('internal', `Cannot locate specified Dockerfile: ${name}`, { name })
  return found
}

/** undefined for a wrong pattern: the client refuses those, and dockerd builds as if nothing were ignored. */
function matcherOf(patterns: readonly string[]): PatternMatcher | undefined {
  try {
    return new PatternMatcher(patterns)
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'invalid') return undefined
    throw thrown
  }
}

function removeIgnored(tree: RootedTree, dockerfile: string): void {
  const ignore = tree.follow(`/${IGNORE_FILE}`)
  if (!ignore) return
  const matcher = matcherOf(parseDockerignore(tree.readText(ignore.path)))
  if (matcher === undefined) return
  for (const name of [IGNORE_FILE, posix.normalize(dockerfile)])
    if (matcher.matches(name)) tree.remove(tree.resolve(`/${name}`))
}

export function readContext(tree: RootedTree, options: BuildOptions): BuildContext {
  const name = locate(tree, options.dockerfile || DEFAULT_DOCKERFILE)
  const file = tree.follow(`/${name}`)!
  const dockerfile = parseDockerfile(tree.readText(file.path), name)
  removeIgnored(tree, name)
  return { tree, dockerfile }
}

/** @param body a tar archive, maybe compressed with gzip */
export async function receiveContext(
  workspace: BuildWorkspace,
  body: AsyncIterable<Uint8Array>,
): Promise<RootedTree> {
  const tree = new RootedTree(await workspace.makeDirectory('context'))
  await workspace.unpack(tree, '/', await openTar(body))
  return tree
}

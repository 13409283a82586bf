/** Fetches a context from a URL: a tar archive or a single Dockerfile. Source: moby builder/remotecontext/detect.go. */
import { EngineError } from '../../../protocol/errors.ts'
import { compressionOf } from '../../../vocabulary/compression.ts'
import { isTarHeader } from '../../../vocabulary/tar/header.ts'
import { tarFile } from '../../host/files/archive-bytes.ts'
import { RootedTree } from '../../host/files/rooted-tree.ts'
import type { BuildContext } from './build-context.ts'
import { readContext } from './build-context.ts'
import type { BuildHost } from './build-host.ts'
import type { BuildOptions } from './build-options.ts'
import type { BuildOutput } from './build-output.ts'
import type { BuildWorkspace } from './build-workspace.ts'
import { parseDockerfile } from './dockerfile/parse-dockerfile.ts'

const TAR_BLOCK = 512

const isGit = (url: string) => /^(git:\/\/|git@|github\.com\/)|\.git(#.*)?$/.test(url)

function checkUrl(url: string): void {
  if (url === 'client-session')
    throw new EngineError(
      'invalid',
      'experimental session with v1 builder is no longer supported, use builder version v2 (BuildKit) instead',
    )
  if (isGit(url))
    throw new EngineError(
      'not-supported',
      `the context ${url} is a git repository, and there is no git here: send its files instead`,
      { url },
    )
  if (!/^https?:\/\//.test(url))
    throw new EngineError('internal', `remoteURL (${url}) could not be recognized as URL`, { url })
}

export async function remoteContext(
  workspace: BuildWorkspace,
  host: BuildHost,
  options: BuildOptions,
  output: BuildOutput,
): Promise<Pick<BuildContext, 'dockerfile'> & { tree: RootedTree | undefined }> {
  checkUrl(options.remote)
  const download = await host.download(options.remote, output)
  const head = download.tree.head(download.path, TAR_BLOCK)
  if (compressionOf(head) === 'none' && !isTarHeader(head))
    return { dockerfile: parseDockerfile(download.tree.readText(download.path)), tree: undefined }
  const tree = new RootedTree(await workspace.makeDirectory('context'))
  await workspace.unpack(tree, '/', tarFile(download.tree.path(download.path)))
  return readContext(tree, options)
}

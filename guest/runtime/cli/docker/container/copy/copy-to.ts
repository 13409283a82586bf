/** `docker cp LOCAL CONTAINER:PATH`. */
import { posix } from 'node:path'
import { CliError } from '../../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../../shared/context.ts'
import { containerPath } from '../../../shared/for-each.ts'
import { readArchive } from '../../../shared/write-archive.ts'
import { letGo } from '../../../../../vocabulary/engine-client/body.ts'
import { withProgress } from './copy-progress.ts'
import {
  archiveName,
  followed,
  keepEnd,
  placeCopy,
  type CopyDestination,
  type CopySource,
} from './copy-paths.ts'
import { statPath } from './copy-stat.ts'
import type { ContainerFlags } from '../../table/container-flags.ts'

/** A path that is missing, or cannot be described, may still be one that the copy makes. */
async function containerDestination(
  context: CliContext,
  container: string,
  path: string,
): Promise<CopyDestination> {
  const stat = await statPath(context, container, path)
  if (stat === undefined) return { path, exists: false, isDirectory: false }
  const target = stat.isLink ? posix.resolve(posix.dirname(posix.join('/', path)), stat.linkTarget) : path
  const found = stat.isLink ? await statPath(context, container, target) : stat
  if (found?.isDevice)
    throw new CliError(
      `destination "${container}:${path}" must be a directory or a regular file: got a device`,
    )
  return { path: target, exists: found !== undefined, isDirectory: found?.isDirectory === true }
}

/** Follows links before the last name always; the last one with `--follow-link`, or when the path means a directory. */
async function localSource(
  { files, flags }: CliContext<ContainerFlags['cp']>,
  path: string,
): Promise<CopySource> {
  const end = path === '/' ? '' : (/\/\.?$/.exec(path)?.[0] ?? '')
  const bare = path.slice(0, path.length - end.length)
  const parent = await files.realPath(posix.dirname(bare))
  const { path: resolved, name } =
    flags.bool('follow-link') || end !== ''
      ? followed(path, await files.realPath(bare))
      : { path: posix.join(parent, posix.basename(bare)), name: '' }
  const stat = await files.stat(bare, end !== '')
  if (stat === undefined) throw new CliError(`lstat ${resolved}: no such file or directory`)
  if (end !== '' && stat.kind !== 'directory') throw new CliError('not a directory')
  return { path: resolved, isDirectory: stat.kind === 'directory', name }
}

async function put(
  { api, flags }: CliContext<ContainerFlags['cp']>,
  container: string,
  path: string,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  const query = {
    path,
    noOverwriteDirNonDir: true,
    copyUIDGID: flags.bool('archive') ? true : undefined,
  }
  await api.run('PUT', `${containerPath(container)}/archive`, { query, bytes: archive })
}

export async function copyTo(
  context: CliContext<ContainerFlags['cp']>,
  from: string,
  container: string,
  to: string,
): Promise<void> {
  const { files } = context
  const local = from === '-' ? from : keepEnd(resolvePath(context, from), from)
  const destination = await containerDestination(context, container, to)
  const shown = `${container}:${destination.path}`
  const header = 'Copying to container - '
  if (from === '-') {
    if (!destination.isDirectory) throw new CliError(`destination "${container}:${to}" must be a directory`)
    const content = readArchive(context, '-')
    const copying = { header, destination: shown, content, uncounted: true }
    return withProgress(context, copying, (archive) => put(context, container, destination.path, archive))
  }
  const source = await localSource(context, local)
  const { directory, name } = placeCopy(source, destination)
  const content = await files.archives.pack(source.path, name ?? archiveName(source))
  const copying = { header, destination: shown, content }
  try {
    await withProgress(context, copying, (archive) => put(context, container, directory, archive))
  } finally {
    await letGo(content)
  }
}

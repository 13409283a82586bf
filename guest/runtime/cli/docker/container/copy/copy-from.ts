/** `docker cp CONTAINER:PATH LOCAL`. */
import { posix } from 'node:path'
import { CliError } from '../../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../../shared/context.ts'
import { letGo } from '../../../../../vocabulary/engine-client/body.ts'
import { containerPath } from '../../../shared/for-each.ts'
import { checkOutputPath } from '../../../shared/output-path.ts'
import { writeStdout } from '../../../shared/write-archive.ts'
import { withProgress } from './copy-progress.ts'
import {
  archiveName,
  followed,
  keepEnd,
  placeCopy,
  type CopyDestination,
  type CopySource,
} from './copy-paths.ts'
import { GO_DIRECTORY, parseStatHeader, statPath } from './copy-stat.ts'
import type { ContainerFlags } from '../../table/container-flags.ts'

/** Docker gives up on a chain of links longer than this. */
const LINKS_MAX = 10

async function followedSource(
  context: CliContext<ContainerFlags['cp']>,
  container: string,
  path: string,
): Promise<{ path: string; name: string }> {
  const stat = context.flags.bool('follow-link') ? await statPath(context, container, path) : undefined
  if (!stat?.isLink) return { path, name: '' }
  return followed(path, posix.resolve(posix.dirname(posix.join('/', path)), stat.linkTarget))
}

/** Follows a link at the destination, also one that leads to nothing yet: the copy makes its target. */
async function localDestination({ files }: CliContext, wanted: string): Promise<CopyDestination> {
  let path = wanted
  let stat = await files.stat(path, false)
  for (let links = 0; stat?.kind === 'link'; links++) {
    if (links > LINKS_MAX) throw new CliError(`too many symlinks in ${wanted}`)
    path = posix.resolve(posix.dirname(path.replace(/\/+\.?$/, '')), await files.readLink(path))
    stat = await files.stat(path, false)
  }
  if (stat) return { path, exists: true, isDirectory: stat.kind === 'directory' }
  const parent = posix.dirname(path)
  const above = await files.stat(parent, true)
  if (above === undefined) throw new CliError(`stat ${parent}: no such file or directory`)
  if (above.kind !== 'directory') throw new CliError('not a directory')
  return { path, exists: false, isDirectory: false }
}

export async function copyFrom(
  context: CliContext<ContainerFlags['cp']>,
  container: string,
  wanted: string,
  to: string,
): Promise<void> {
  const { api, session } = context
  const local = to === '-' ? to : keepEnd(resolvePath(context, to), to)
  if (to !== '-') await checkOutputPath(context, local)
  const { path, name } = await followedSource(context, container, wanted)
  const { body, headers } = await api.send('GET', `${containerPath(container)}/archive`, { query: { path } })
  try {
    if (to === '-') await writeStdout(session, body)
    else {
      const isDirectory = parseStatHeader(headers).mode >= GO_DIRECTORY
      await unpack(context, { path, isDirectory, name: '' }, name, local, body)
    }
  } finally {
    await letGo(body)
  }
}

/** @param name the copy's name where the destination gives none; empty for the source's */
async function unpack(
  context: CliContext<ContainerFlags['cp']>,
  source: CopySource,
  name: string,
  local: string,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const copying = { header: 'Copying from container - ', destination: local, content: body }
  await withProgress(context, copying, async (archive) => {
    const destination = await localDestination(context, local)
    const { directory, name: placed } = placeCopy(source, destination)
    const top = placed ?? (name === '' ? undefined : name)
    const first = archiveName(source)
    const old = first === '/' || first === '.' ? '' : first
    await context.files.archives.unpack(directory, archive, top === undefined ? undefined : [old, top])
  })
}

/** `HEAD`, `GET` and `PUT /containers/{id}/archive`. Source: moby, daemon/archive.go and archive_unix.go. */
import { posix } from 'node:path'
import { watchBytes } from '../../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { openTar } from '../../host/files/archive-bytes.ts'
import type { PlanStream } from '../../host/launcher/launcher-api.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { notRunning } from '../state/not-running.ts'
import { requireFiles } from '../layer/layered-root.ts'
import { SLOT, type Step } from '../../plan/plan.ts'
import { archiveError } from './archive-error.ts'
import { viewSteps, type ViewOf } from './container-view.ts'
import { PACK, UNPACK } from '../../plan/pack-flags.ts'
import { parsePathStat, type PathStat } from './path-stat.ts'

/** The path from the root, cleaned, but with the trailing `/` or `/.` that make a link be followed and name the members. */
export function absolutePath(path: string): string {
  const clean = posix.join('/', path).replace(/(.)\/$/, '$1')
  if (/(^|\/)\.\/?$/.test(path)) return clean === '/' ? '/.' : `${clean}/.`
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean
}

/**
 * Runs a plan on the container's files. A stopped container's overlay belongs to the plan for as long as the plan runs,
 * so the container cannot start meanwhile; a running container keeps its own mount, and nobody waits.
 */
export async function streamOnFiles(
  context: EngineContext,
  container: Container,
  steps: readonly Step[],
  { input, of = 'root and mounts' }: { input?: AsyncIterable<Uint8Array>; of?: ViewOf } = {},
): Promise<PlanStream> {
  requireFiles(container, container.id)
  const begin = async (): Promise<PlanStream> =>
    context.launcher.stream({ steps: [...(await viewSteps(context, container, of)), ...steps] }, input)
  if (container.task !== undefined) {
    const stream = await container.task.whileAlive(begin)
    if (stream !== 'ended') return stream
    // The part of the request's body that was read is gone, so it cannot be sent again to the stopped container.
    if (input !== undefined) throw notRunning(container, 'exec')
  }
  return new Promise((resolve, reject) => {
    container.lock
      .run(async () => {
        requireFiles(container, container.id)
        const stream = await begin()
        await new Promise<void>((over) =>
          resolve({ reports: stream.reports, output: watchBytes(stream.output, { over }) }),
        )
      })
      .catch(reject)
  })
}

/** Reads a plan's output to its end and drops it. */
async function finish({ output }: PlanStream): Promise<void> {
  for await (const _ of output);
}

/** Leaves the output of a stream that nobody will read, whose plan and container would wait for it. */
async function statOrLeave(path: string, stream: PlanStream): Promise<PathStat> {
  try {
    return parsePathStat(path, stream.reports())
  } catch (error) {
    for await (const _ of stream.output) break
    throw error
  }
}

const statStep = (path: string): Step => ({ op: 'path-stat', at: SLOT.root, path })

export async function statContainerPath(
  context: EngineContext,
  container: Container,
  path: string,
  calledBy = container.plainName,
): Promise<PathStat> {
  try {
    const stream = await streamOnFiles(context, container, [statStep(path)])
    await finish(stream)
    return parsePathStat(path, stream.reports())
  } catch (thrown) {
    throw archiveError(thrown, container, path, calledBy)
  }
}

export interface ContainerArchive {
  stat: PathStat
  bytes: AsyncIterable<Uint8Array>
}

/**
 * Packs a path of the container. The tar's members begin with the path's last name, as Docker's do: `/` for the root,
 * `.` for a path that ends so.
 */
export async function readContainerArchive(
  context: EngineContext,
  container: Container,
  wanted: string,
  calledBy = container.plainName,
): Promise<ContainerArchive> {
  const path = absolutePath(wanted)
  const name = posix.basename(path) || '/'
  const pack: Step = { op: 'tar-pack', at: SLOT.root, path, name, flags: PACK.top, exclude: [] }
  try {
    const stream = await streamOnFiles(context, container, [statStep(path), pack])
    publishContainerEvent(context, container, 'archive-path')
    return { stat: await statOrLeave(path, stream), bytes: stream.output }
  } catch (thrown) {
    throw archiveError(thrown, container, wanted, calledBy)
  }
}

export interface ExtractOptions {
  path: string
  /** A directory replaces nothing but a directory, and is replaced by nothing but a directory. */
  noOverwriteDirNonDir: boolean
  /** All members belong to the container's user, when the container has one of its own. */
  copyUIDGID: boolean
}

function extractSteps({ record }: Container, options: ExtractOptions): Step[] {
  const owner = options.copyUIDGID && record.config.User !== ''
  const flags = (options.noOverwriteDirNonDir ? UNPACK.keepKinds : 0) | (owner ? UNPACK.user : 0)
  const user: Step = { op: 'resolve-user', at: SLOT.root, user: record.config.User }
  const path = absolutePath(options.path)
  return [...(owner ? [user] : []), { op: 'tar-unpack', at: SLOT.root, path, flags }]
}

export async function extractToContainer(
  context: EngineContext,
  container: Container,
  options: ExtractOptions,
  archive: AsyncIterable<Uint8Array>,
  calledBy = container.plainName,
): Promise<void> {
  try {
    const steps = extractSteps(container, options)
    await finish(await streamOnFiles(context, container, steps, { input: await openTar(archive) }))
  } catch (thrown) {
    throw archiveError(thrown, container, options.path, calledBy)
  }
  publishContainerEvent(context, container, 'extract-to-dir')
}

/** `GET /containers/{id}/export`: the container's own files, without volumes. Source: moby, daemon/export.go. */
export async function exportContainer(
  context: EngineContext,
  container: Container,
): Promise<AsyncIterable<Uint8Array>> {
  // Docker marks a container dead before its files go, so both states answer the same.
  if (container.isLeaving)
    throw new EngineError('conflict', `You cannot export container ${container.id} which is Dead`)
  const pack: Step = { op: 'tar-pack', at: SLOT.root, path: '/', name: '', flags: 0, exclude: [] }
  const { output } = await streamOnFiles(context, container, [pack], { of: 'root' })
  publishContainerEvent(context, container, 'export')
  return output
}

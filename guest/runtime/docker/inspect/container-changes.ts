/**
 * `GET /containers/{id}/changes`: finds how a container's files differ from those of the layers below by comparing
 * inodes, as Docker does (github.com/moby/go-archive, changes.go): a file that was written and is as before has not
 * changed. Only what the upper directory holds, and what its opaque directories hide, can differ.
 */
import type { FilesystemChange } from '../../../protocol/api/engine-api.ts'
import type { Files } from '../../host/files/files.ts'
import type { LauncherClient } from '../../host/launcher/launcher-api.ts'
import { O } from '../../plan/linux-constants.ts'
import { SLOT } from '../../plan/plan.ts'
import { containerLayers } from '../layer/init-layer.ts'
import { isDirectory, isWhiteout, requireFiles } from '../layer/layered-root.ts'
import { withMergedLayers } from '../layer/merged-layers.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

const MODIFIED = 0
const ADDED = 1
const DELETED = 2

type Stat = Awaited<ReturnType<Files['stat']>>

interface Compared {
  files: Files
  upper: string
  /** The root of a tree of all layers below the upper directory. */
  lower: string
  /** Paths of the upper directory's opaque directories. */
  opaque: ReadonlySet<string>
}

/** Compares times as far as both are exact, since layers keep whole seconds. */
function isSameTime(a: number, b: number): boolean {
  if (a === b) return true
  return Math.floor(a / 1000) === Math.floor(b / 1000) && (a % 1000 === 0 || b % 1000 === 0)
}

/** Whether an inode has changed. A directory's size and time do not count, as they change with its entries. */
function differs(before: Stat, now: Stat): boolean {
  const { mode, uid, gid, rdev, size, mtimeMs } = now
  if (before.mode !== mode || before.uid !== uid || before.gid !== gid || before.rdev !== rdev) return true
  return !isDirectory(now) && (before.size !== size || !isSameTime(before.mtimeMs, mtimeMs))
}

async function changesAt(
  compared: Compared,
  Path: string,
  { isOwn, isBelow }: { isOwn: boolean; isBelow: boolean },
): Promise<FilesystemChange[]> {
  const { files, upper, lower } = compared
  const before = isBelow ? await files.stat(lower + Path) : undefined
  const now = isOwn ? await files.stat(upper + Path) : undefined
  if (now === undefined || isWhiteout(now)) return before === undefined ? [] : [{ Path, Kind: DELETED }]
  const wasDirectory = before !== undefined && isDirectory(before)
  const inside = isDirectory(now) ? await changesIn(compared, Path, wasDirectory) : []
  if (before === undefined) return [{ Path, Kind: ADDED }, ...inside]
  return inside.length > 0 || differs(before, now) ? [{ Path, Kind: MODIFIED }, ...inside] : []
}

/**
 * The changes in a directory of the upper one.
 * @param isBelow the layers below have a directory there too, hidden by an opaque one or not
 */
async function changesIn(compared: Compared, path: string, isBelow: boolean): Promise<FilesystemChange[]> {
  const { files, upper, lower, opaque } = compared
  const own = new Set(await files.list(upper + path))
  const below = new Set(isBelow ? await files.list(lower + path) : [])
  const names = new Set([...own, ...(opaque.has(path) ? below : [])])
  const changes: FilesystemChange[] = []
  for (const name of [...names].sort()) {
    const where = { isOwn: own.has(name), isBelow: below.has(name) }
    changes.push(...(await changesAt(compared, `${path}/${name}`, where)))
  }
  return changes
}

/**
 * Paths of the opaque directories below an upper directory, each with a slash in front; the upper directory itself is
 * ''.
 */
async function opaqueDirectories(launcher: LauncherClient, upper: string): Promise<Set<string>> {
  const reports = await launcher.ask({
    steps: [
      { op: 'open', slot: SLOT.root, path: upper, flags: O.PATH | O.DIRECTORY },
      { op: 'opaque-directories', at: SLOT.root, path: '/' },
    ],
  })
  const data = reports.find(({ op }) => op === 'opaque-directories')?.data ?? new Uint8Array()
  return new Set(new TextDecoder().decode(data).split('\0').slice(0, -1))
}

export async function containerChanges(
  context: EngineContext,
  container: Container,
): Promise<FilesystemChange[]> {
  const { record } = container
  requireFiles(container, record.name)
  const { files, paths, launcher } = context
  const upper = `${paths.overlay}/${record.id}/diff`
  const opaque = await opaqueDirectories(launcher, upper)
  return withMergedLayers(context, containerLayers(paths, record.layers), (lower) =>
    changesIn({ files, upper, lower, opaque }, '', true),
  )
}

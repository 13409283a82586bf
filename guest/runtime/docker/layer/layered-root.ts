/** The directories of an image's layers, and the marks that overlayfs leaves in a container's own. */
import type { Digest } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { Files } from '../../host/files/files.ts'
import type { Container } from '../state/container.ts'

/** The layers' directories; an empty one for an image without layers, as an overlay needs something below. */
export function layerDirectories(paths: EnginePaths, layers: readonly Digest[]): string[] {
  if (layers.length === 0) return [paths.emptyLayer]
  return layers.map((diffId) => `${paths.layers}/${diffId.replace(/^sha(256|512):/, '')}`)
}

/**
 * Refuses a container that a removal has begun to take down: it gives its layer up before its files go.
 * @param calledBy what Docker's sentence calls the container: its id or its name, by the call
 */
export function requireFiles({ isLeaving }: Container, calledBy: string): void {
  if (isLeaving) throw new EngineError('internal', `RWLayer of container ${calledBy} is unexpectedly nil`)
}

const TYPE = 0o170000
const CHARACTER_DEVICE = 0o020000
export const DIRECTORY = 0o040000

type Stat = Awaited<ReturnType<Files['stat']>>

/** Whether an inode hides the name below it: a character device 0:0 (overlayfs.rst, "whiteouts and opaque directories"). */
export const isWhiteout = (stat: Stat): boolean => (stat.mode & TYPE) === CHARACTER_DEVICE && stat.rdev === 0

export const isDirectory = (stat: Stat): boolean => (stat.mode & TYPE) === DIRECTORY

/**
 * A container's files seen through its layers without mounting them: upper directory first, then the image's layers.
 * Read-only, and deaf to links: a path is looked up name by name, so nothing a container made can lead out of it.
 */
import type { Digest } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { Files } from '../../host/files/files.ts'
import type { Container } from '../state/container.ts'

/** Never none: an overlay needs something below. */
export function layerDirectories(paths: EnginePaths, layers: readonly Digest[]): string[] {
  if (layers.length === 0) return [paths.emptyLayer]
  return layers.map((diffId) => `${paths.layers}/${diffId.replace(/^sha(256|512):/, '')}`)
}

/**
 * A removal gives the container's layer up before it takes its files away.
 * @param calledBy as Docker names the container in this sentence: its id or its name, by the call
 */
export function requireFiles({ isLeaving }: Container, calledBy: string): void {
  if (isLeaving) throw new EngineError('internal', `RWLayer of container ${calledBy} is unexpectedly nil`)
}

const TYPE = 0o170000
const CHARACTER_DEVICE = 0o020000
export const DIRECTORY = 0o040000

type Stat = Awaited<ReturnType<Files['stat']>>

/** overlayfs.rst, "whiteouts and opaque directories": a character device 0:0 hides the name below. */
export const isWhiteout = (stat: Stat): boolean => (stat.mode & TYPE) === CHARACTER_DEVICE && stat.rdev === 0

export const isDirectory = (stat: Stat): boolean => (stat.mode & TYPE) === DIRECTORY

async function statOf(files: Files, path: string): Promise<Stat | undefined> {
  return (await files.exists(path)) ? files.stat(path) : undefined
}

/** Whether a layer of the image has `path` itself, not hidden by a layer above. Opaque directories count as present. */
export async function existsInLayers(
  files: Files,
  layers: readonly string[],
  path: string,
): Promise<boolean> {
  for (const layer of layers) {
    const stat = await statOf(files, layer + path)
    if (stat) return !isWhiteout(stat)
    if (await hiddenByParent(files, layer, path)) return false
  }
  return false
}

async function hiddenByParent(files: Files, layer: string, path: string): Promise<boolean> {
  const names = path.split('/').filter(Boolean)
  for (let length = 1; length < names.length; length++) {
    const stat = await statOf(files, `${layer}/${names.slice(0, length).join('/')}`)
    if (!stat) return false
    if (!isDirectory(stat)) return true
  }
  return false
}

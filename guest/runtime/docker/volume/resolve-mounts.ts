/**
 * Decides which mounts a container gets, from all the places that may ask for one. Pure; in Docker's order:
 * --volumes-from, then -v and --mount (which replace those), then --tmpfs, then the image's VOLUMEs where nothing else
 * is.
 */
import { posix } from 'node:path'
import type { MountRequest } from '../../../protocol/api/engine-api.ts'
import type { InheritedMount } from './volume-api.ts'
import { duplicateMountPoint } from './mount-errors.ts'
import { parseBind, parseMount, type MountSpec } from './mount-spec.ts'
import { tmpfsOptions } from './tmpfs-options.ts'

export interface MountSources {
  binds: readonly string[]
  mounts: readonly MountRequest[]
  tmpfs: Record<string, string>
  imageVolumes: readonly string[]
  volumesFrom: readonly InheritedMount[]
  readOnlyNonRecursive?: boolean
}

export type WantedMount =
  | { from: 'container'; destination: string; inherited: InheritedMount }
  | { from: 'spec'; destination: string; spec: MountSpec }
  | { from: 'tmpfs'; destination: string; options: string[] }
  | { from: 'image'; destination: string }

export function wantedMounts(sources: MountSources): WantedMount[] {
  const wanted = new Map<string, WantedMount>()
  for (const inherited of sources.volumesFrom) {
    const destination = inherited.point.Destination
    wanted.set(destination, { from: 'container', destination, inherited })
  }
  const tmpfs = new Set(Object.keys(sources.tmpfs).map(cleanPath))
  const asked = new Set<string>()
  for (const spec of [...sources.binds.map(parseBind), ...sources.mounts.map(parseMount)]) {
    const destination = spec.Target
    if (asked.has(destination) || tmpfs.has(destination)) throw duplicateMountPoint(destination)
    asked.add(destination)
    if (sources.readOnlyNonRecursive && spec.Type === 'bind' && spec.ReadOnly)
      spec.BindOptions = { ...spec.BindOptions, ReadOnlyNonRecursive: true }
    wanted.set(destination, { from: 'spec', destination, spec })
  }
  for (const [path, text] of Object.entries(sources.tmpfs)) {
    const destination = cleanPath(path)
    wanted.set(destination, { from: 'tmpfs', destination, options: tmpfsOptions(text) })
  }
  for (const path of sources.imageVolumes) {
    const destination = cleanPath(path)
    if (!wanted.has(destination)) wanted.set(destination, { from: 'image', destination })
  }
  return [...wanted.values()]
}

function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1')
}

/** OCI options of a bind of `source`, for a bind mount or a volume. */
export function bindOptions(options: {
  readOnly: boolean
  propagation: string
  nonRecursive?: boolean
  /** Only the mount itself is read-only, not those below it. */
  readOnlyNonRecursive?: boolean
}): string[] {
  const access = !options.readOnly ? ['rw'] : options.readOnlyNonRecursive ? ['ro'] : ['ro', 'rro']
  return [options.nonRecursive ? 'bind' : 'rbind', ...access, options.propagation || 'rprivate']
}

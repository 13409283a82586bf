/**
 * Docker's init layer (moby, daemon/initlayer/setup_unix.go): mount points and files that every container's root has, in a
 * layer between the image's and the container's own. So `diff`, `commit` and builds leave them out, `export` has them, and
 * files of the image in their places are hidden. Docker makes one for each container; here all share one, which the engine
 * makes when it comes up and nothing writes to, so the directories that hold its entries are root's, with mode 755.
 */
import type { Digest } from '../../../protocol/api/content.ts'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { HostPlan, Step } from '../../plan/plan.ts'
import { layerDirectories } from './layered-root.ts'

const DIRECTORIES = ['/dev/pts', '/dev/shm', '/etc', '/proc', '/sys']
const FILES = ['/.dockerenv', '/dev/console', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf']
const LINKS: readonly (readonly [path: string, target: string])[] = [['/etc/mtab', '/proc/mounts']]

/** Makes the init layer, also when an engine before this one has made it, whole or in part. */
export const initLayerPlan = ({ initLayer }: Pick<EnginePaths, 'initLayer'>): HostPlan => ({
  steps: [
    { op: 'umask', mask: 0 },
    ...['', ...DIRECTORIES].map((path): Step => ({
      op: 'mkdir',
      path: initLayer + path,
      mode: 0o755,
      parents: true,
    })),
    ...FILES.map((path): Step => ({ op: 'create-file', path: initLayer + path, mode: 0o755 })),
    ...LINKS.map(([path, target]): Step => ({
      op: 'symlink',
      target,
      path: initLayer + path,
      tolerate: 'EEXIST',
    })),
  ],
})

/** The directories below a container's upper directory, topmost first. */
export const containerLayers = (paths: EnginePaths, layers: readonly Digest[]): string[] => [
  paths.initLayer,
  ...layerDirectories(paths, layers),
]

/** Whether the init layer may have something at or below an absolute path, of which only the first name is compared. */
export function hasInitFiles(path: string): boolean {
  const first = path.split('/').find(Boolean)
  return first === undefined || [...DIRECTORIES, ...FILES].some((entry) => entry.split('/')[1] === first)
}

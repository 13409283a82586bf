import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Folders of the checkout and of the artefact cache. */
export const projectRoot = resolve(import.meta.dirname, '../..')
export const publicDir = join(projectRoot, 'public')
export const guestDir = join(publicDir, 'guest')
export const imagesDir = join(publicDir, 'images')
export const kernelConfig = join(projectRoot, 'guest/kernel-config/porthole.config')
/** Our sources of the busybox image, beside Debian's source package. */
export const busyboxSources = join(projectRoot, 'guest/images/busybox')

/** The folder of everything that is slow to make, outside the checkout so that a fresh clone finds it again. */
export function cacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'porthole')
}

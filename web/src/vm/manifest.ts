/**
 * `public/guest/manifest.json`: the list of what the guest is made of. The artefact scripts write it, and every boot
 * reads it.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { parseJsonObject } from '../../../guest/vocabulary/json.ts'
import { isSiteFile, type SiteFile } from './site-files.ts'

export interface GuestManifest {
  format: 1
  /** Hash of every input of the snapshot. */
  buildId: string
  /** Every file below the site's root that the guest needs, except the snapshot's: e.g. `guest/bzImage`. */
  files: SiteFile[]
}

export const MANIFEST_PATH = 'guest/manifest.json'

export const BOOT_FILES = {
  bios: 'guest/bios.bin',
  vgaBios: 'guest/vgabios.bin',
  kernel: 'guest/bzImage',
  initramfs: 'guest/initramfs.cpio.zst',
} as const

/** @throws EngineError `corrupt` */
export function parseManifest(bytes: Uint8Array): GuestManifest {
  const { format, buildId, files } = parseJsonObject(new TextDecoder().decode(bytes), MANIFEST_PATH)
  if (format !== 1 || typeof buildId !== 'string' || !Array.isArray(files) || !files.every(isSiteFile)) {
    throw new EngineError('corrupt', `${MANIFEST_PATH} is not a manifest of this version`, {
      file: MANIFEST_PATH,
    })
  }
  return { format, buildId, files }
}

export function manifestFile(manifest: GuestManifest, path: string): SiteFile {
  const file = manifest.files.find((entry) => entry.path === path)
  if (!file) throw new EngineError('corrupt', `${MANIFEST_PATH} does not name ${path}`, { file: path })
  return file
}

/**
 * `public/guest/manifest.json`: the list of what the guest is made of. The artefact scripts write it, and every boot
 * reads it.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { SiteFile } from './site-files.ts'

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

export function parseManifest(bytes: Uint8Array): GuestManifest {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new EngineError('corrupt', `${MANIFEST_PATH} is not JSON`, { file: MANIFEST_PATH }, cause)
  }
  const manifest = value as Partial<GuestManifest> | null
  if (manifest?.format !== 1 || typeof manifest.buildId !== 'string' || !Array.isArray(manifest.files)) {
    throw new EngineError('corrupt', `${MANIFEST_PATH} is not a manifest of this version`, {
      file: MANIFEST_PATH,
    })
  }
  return manifest as GuestManifest
}

export function manifestFile(manifest: GuestManifest, path: string): SiteFile {
  const file = manifest.files.find((entry) => entry.path === path)
  if (!file) throw new EngineError('corrupt', `${MANIFEST_PATH} does not name ${path}`, { file: path })
  return file
}

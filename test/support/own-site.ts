import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { vi } from 'vitest'
import { runImages } from '../../scripts/images.ts'
import { fetchAdded } from '../../scripts/lib/images/added-image.ts'
import { readImageList } from '../../scripts/lib/images/image-list.ts'
import { mergeImages } from '../../scripts/lib/images/site-images.ts'
import { imagesDir } from '../../scripts/lib/paths.ts'
import { sealSite } from '../../scripts/lib/release.ts'
import { addFolder, publish, type FileMap } from '../../scripts/lib/publish.ts'
import { distDir } from '../../scripts/serve.ts'

export interface OwnSite {
  /** A folder for the site and all that is made on the way. */
  scratch: string
  /** The words after `npm run images -- add`. */
  add: string[]
  /** The content of registries.json. */
  mirrors: Record<string, string>
}

/** The built site with an image and mirrors of its own; resolves with its folder. */
export async function ownSite({ scratch, add, mirrors }: OwnSite): Promise<string> {
  const list = join(scratch, 'images.yaml')
  const site = join(scratch, 'site')
  const files: FileMap = new Map()
  await addFolder(files, distDir)
  // What a test adds is nobody else's.
  vi.stubEnv('XDG_CACHE_HOME', join(scratch, 'cache'))
  try {
    await runImages(['add', ...add], list)
    const added = await Promise.all((await readImageList(list)).map(fetchAdded))
    await addFolder(files, await mergeImages(imagesDir, added), 'images')
  } finally {
    vi.unstubAllEnvs()
  }
  files.delete('registries.json')
  await publish(site, files, () => false)
  await writeFile(join(site, 'registries.json'), JSON.stringify(mirrors))
  await rm(join(site, 'release.json'))
  await sealSite(site)
  return site
}

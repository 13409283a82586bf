/** The built site with one more image, so that the guest can pull the bench's peers as it pulls any other image. */
import type { SiteFiles } from '../../web/src/catalogue/catalogue.ts'
import { wholeFiles } from '../../web/src/catalogue/catalogue.ts'
import { publicDir } from '../lib/paths.ts'
import { siteFolder } from '../lib/site-folder.ts'
import { buildBenchImage } from '../build-bench-image.ts'

const IMAGES = 'images/'
const INDEX = `${IMAGES}index.json`

interface Index {
  manifests: { digest: string }[]
}

export async function benchSite(): Promise<SiteFiles> {
  const site = siteFolder(publicDir)
  const layout = siteFolder(await buildBenchImage())
  const indexOf = async (files: SiteFiles, path: string): Promise<Index> =>
    JSON.parse(new TextDecoder().decode(await files.read(path))) as Index
  return wholeFiles(async (path) => {
    if (path === INDEX) {
      const own = await indexOf(site, path)
      const added = await indexOf(layout, 'index.json')
      const manifests = [...own.manifests, ...added.manifests]
      return new TextEncoder().encode(JSON.stringify({ ...own, manifests }))
    }
    return site.read(path).catch((error: unknown) => {
      if (!path.startsWith(IMAGES)) throw error
      return layout.read(path.slice(IMAGES.length))
    })
  })
}

/** Seals a built site: `release.json` lists its files with their digests (web/src/release/release.ts). */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HOST_FILES, RELEASE_PATH, type Release } from '../../web/src/release/release.ts'
import type { SiteFile } from '../../web/src/storage/site-file.ts'
import { MANIFEST_PATH, parseManifest } from '../../web/src/vm/manifest.ts'
import { hashJson, sha256File } from './hash.ts'
import { listFiles, writeIfChanged } from './publish.ts'

/** What the machine's worker reads by name. Chunks and blobs have digests for names, and indices that list them. */
const SYSTEM = /^(guest\/(manifest\.json|system\/[^/]+\/index\.json\.gz|state\/.+)|images\/index\.json)$/
/** Browsers fetch a Service Worker's script by themselves; files with a dot in front are the build's own. */
const NOT_LISTED = new Set([...HOST_FILES, RELEASE_PATH, 'preview-worker.js'])
const isShell = (path: string): boolean =>
  !/^(guest|images)\//.test(path) && !/(^|\/)\./.test(path) && !NOT_LISTED.has(path)

/** Writes release.json of the site in `dir`; resolves with it. */
export async function sealSite(dir: string): Promise<Release> {
  const paths = await listFiles(dir)
  const named = paths.filter((path) => SYSTEM.test(path))
  const [shell, system] = await Promise.all([
    describe(dir, paths.filter(isShell)),
    describe(dir, [...named, ...(await imageDocuments(dir))]),
  ])
  const guest = parseManifest(await readFile(join(dir, MANIFEST_PATH))).buildId
  const digests = [...shell, ...system].map(({ path, sha256 }) => [path, sha256])
  const release: Release = { format: 1, id: hashJson([guest, digests]).slice(0, 32), guest, shell, system }
  await writeIfChanged(join(dir, RELEASE_PATH), JSON.stringify(release))
  return release
}

/** The images' manifests and configurations, without which nobody knows which layers an image has. */
async function imageDocuments(dir: string): Promise<string[]> {
  const read = async (path: string): Promise<string> => readFile(join(dir, path), 'utf8')
  const index = JSON.parse(await read('images/index.json')) as { manifests: Descriptor[] }
  const documents = new Set<string>()
  for (const { digest } of index.manifests) {
    const { config } = JSON.parse(await read(blobPath(digest))) as { config: Descriptor }
    documents.add(blobPath(digest)).add(blobPath(config.digest))
  }
  return [...documents].sort()
}

interface Descriptor {
  digest: string
}

const blobPath = (digest: string): string => `images/blobs/${digest.replace(':', '/')}`

function describe(dir: string, paths: string[]): Promise<SiteFile[]> {
  const describeFile = async (path: string): Promise<SiteFile> => {
    const file = join(dir, path)
    return { path, size: (await stat(file)).size, sha256: await sha256File(file) }
  }
  return Promise.all(paths.map(describeFile))
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../guest/protocol/errors.ts'
import { wholeFiles } from '../../web/src/catalogue/catalogue.ts'
import type { SiteFiles } from '../../web/src/catalogue/catalogue.ts'

/** Serves a folder to the machine as a site: errors are those of a server, 404 included. */
export function siteFolder(folder: string): SiteFiles {
  return wholeFiles(async (path) => {
    const file = join(folder, path)
    try {
      return await readFile(file)
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      const message = missing
        ? `${file} is missing: run \`npm start\` once to build it`
        : `${file} cannot be read`
      throw new EngineError('unavailable', message, { url: file, status: missing ? 404 : 500 }, cause)
    }
  })
}

/** Serves `site`, but takes the files below `prefix` from a folder of their own. */
export function overlaidSite(prefix: string, folder: string, site: SiteFiles): SiteFiles {
  const over = siteFolder(folder)
  const choose = (path: string): [SiteFiles, string] =>
    path.startsWith(prefix) ? [over, path.slice(prefix.length)] : [site, path]
  return {
    read(path) {
      const [files, name] = choose(path)
      return files.read(name)
    },
    stream(path, offset) {
      const [files, name] = choose(path)
      return files.stream(name, offset)
    },
  }
}

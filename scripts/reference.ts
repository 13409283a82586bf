/** `npm run reference`: writes docs/reference.md, and the table of layers in ARCHITECTURE.md. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { layersTable } from './layers.mjs'
import { isMain, main } from './lib/main.ts'
import { projectRoot } from './lib/paths.ts'
import { referencePage } from './reference/reference-page.ts'

export const REFERENCE_PAGE = join(projectRoot, 'docs/reference.md')

export const ARCHITECTURE_PAGE = join(projectRoot, 'ARCHITECTURE.md')

const BETWEEN = /(?<=<!-- layers: scripts\/layers\.mjs -->\n).*(?=\n<!-- end of layers -->)/s

/** Replaces the page's table of layers with that of scripts/layers.mjs. */
export const withLayers = (page: string): string => page.replace(BETWEEN, layersTable())

if (isMain(import.meta.url)) {
  await main(async () => {
    await mkdir(join(projectRoot, 'docs'), { recursive: true })
    await writeFile(REFERENCE_PAGE, referencePage())
    await writeFile(ARCHITECTURE_PAGE, withLayers(await readFile(ARCHITECTURE_PAGE, 'utf8')))
  })
}

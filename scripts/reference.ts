/** `npm run reference`: writes docs/reference.md. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMain, main } from './lib/main.ts'
import { projectRoot } from './lib/paths.ts'
import { referencePage } from './reference/reference-page.ts'

export const REFERENCE_PAGE = join(projectRoot, 'docs/reference.md')

if (isMain(import.meta.url)) {
  await main(async () => {
    await mkdir(join(projectRoot, 'docs'), { recursive: true })
    await writeFile(REFERENCE_PAGE, referencePage())
  })
}

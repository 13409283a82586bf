/** `npm run dev`: the artefacts, then vite's development server with hot reload. */
import { join } from 'node:path'
import { createServer } from 'vite'
import { buildArtefacts } from './artefacts.ts'
import { main } from './lib/main.ts'
import { projectRoot } from './lib/paths.ts'

await main(async () => {
  await buildArtefacts()
  const server = await createServer({
    configFile: join(projectRoot, 'vite.config.ts'),
    root: join(projectRoot, 'web'),
  })
  await server.listen()
  server.printUrls()
})

/** `npm start`: builds everything and serves the page. For its options see serve.ts. */
import { buildSite } from './build.ts'
import { main } from './lib/main.ts'
import { parseServeOptions, serveSite } from './serve.ts'

await main(async () => {
  const options = parseServeOptions(process.argv.slice(2))
  await buildSite()
  const { url } = await serveSite(options)
  console.log(`Porthole is at ${url} (Ctrl-C stops it)`)
})

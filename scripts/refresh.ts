/** Reads Debian's package lists anew, so that the next build takes the newest versions. */
import { AptRoot } from './lib/apt-root.ts'
import { main } from './lib/main.ts'

await main(async () => {
  const root = await AptRoot.open()
  await root.refresh()
})

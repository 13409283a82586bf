/** Reads Debian's package lists anew, so that the next build takes the newest versions. */
import { AptRoot } from './lib/debian/apt-root.ts'
import { hostArchitecture } from './lib/debian/debian-programs.ts'
import { main } from './lib/main.ts'

await main(async () => {
  const host = hostArchitecture().debian
  for (const root of [await AptRoot.open(), await AptRoot.open(host), await AptRoot.openSources()])
    await root.refresh()
})

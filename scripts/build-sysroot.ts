/**
 * Prints the folder of the C library for static i386 programs, after building it if need be: see lib/debian/sysroot.ts.
 */
import { main } from './lib/main.ts'
import { buildSysroot } from './lib/debian/sysroot.ts'

await main(async () => {
  console.log(await buildSysroot())
})

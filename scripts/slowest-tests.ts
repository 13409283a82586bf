/** Prints the ten slowest test files of the last unit, guest and e2e runs: what `npm test` ends with. */
import { describeSlowest, keptFileTimes } from './lib/file-times.ts'
import { main } from './lib/main.ts'

const COUNT = 10

await main(async () => {
  process.stdout.write(`The ${COUNT} slowest test files:\n${describeSlowest(await keptFileTimes(), COUNT)}`)
})

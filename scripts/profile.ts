/**
 * `npm run profile -- [--runs N] '<command>'` runs a command in the guest and writes two profiles that any browser's
 * developer tools open: engine.cpuprofile of V8 inside the guest, emulator.cpuprofile of the thread that emulates it.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { EngineError } from '../guest/protocol/errors.ts'
import { note } from './lib/log.ts'
import { HeadlessMachine } from './lib/machine/headless-machine.ts'
import { main } from './lib/main.ts'
import { profileEngine, profileThisThread, type Profile } from './lib/machine/profiler.ts'

const DEFAULT_RUNS = '10'
/** So often before, so that what only a first run does is in neither profile. */
const WARM_UP = 3

const repeated = (command: string, runs: number): string =>
  `set -e; i=0; while [ $i -lt ${runs} ]; do i=$((i + 1)); ${command} </dev/null >/dev/null; done`

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { runs: { type: 'string', default: DEFAULT_RUNS } },
    allowPositionals: true,
  })
  const runs = Number(values.runs)
  const [command] = positionals
  if (command === undefined || positionals.length > 1 || !Number.isInteger(runs) || runs < 1)
    throw new EngineError('invalid', "one command is expected: npm run profile -- [--runs N] 'docker ps'")
  const machine = await HeadlessMachine.start()
  try {
    await machine.output(repeated(command, WARM_UP))
    let engine!: Profile
    const emulator = await profileThisThread(async () => {
      engine = await profileEngine(machine, () => machine.output(repeated(command, runs)))
    })
    await writeFile('engine.cpuprofile', JSON.stringify(engine))
    await writeFile('emulator.cpuprofile', JSON.stringify(emulator))
    note(`engine.cpuprofile and emulator.cpuprofile have ${runs} runs of «${command}»`)
  } finally {
    await machine.close()
  }
})

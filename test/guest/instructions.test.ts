/** What commands may cost, in millions of instructions of the guest beyond those of `/bin/true`: scripts/bench/instructions.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COUNTED, type Counted, type CountedName } from '../../scripts/bench/costs.ts'
import { InstructionMeter } from '../../scripts/bench/instructions.ts'
import { keystrokeCost } from '../../scripts/bench/keystroke.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

const BUDGETS: Record<CountedName, number> = {
  'docker run --rm busybox true': 16.5,
  'docker run --rm --network none busybox true': 14,
  'docker create': 2.8,
  'docker start': 14.5,
  'docker exec': 5.4,
  'docker ps': 1.4,
  'docker version': 0.9,
  'docker inspect': 1.05,
  'docker logs, 1000 lines': 3,
  'a MB of output': 29,
  'docker build': 24,
  'a MB of docker save': 5,
  'a MB of docker load': 11,
  'a MB of docker export': 5,
  'a MB of docker import': 5,
  'a MB of docker cp out': 5,
  'a MB of docker cp in': 5,
  'a MB of build context': 5,
}
/**
 * The least of several batches repeats to 3 % on a quiet host. The ticks of the guest's clock are counted too, 34,000
 * instructions each, and on a host that does three things at once a run has more of them.
 */
const TOLERANCE = 1.4

let machine: HeadlessMachine
let meter: InstructionMeter
beforeAll(async () => {
  machine = await HeadlessMachine.start()
  await machine.output('docker pull -q busybox')
  meter = await InstructionMeter.open(machine)
})
afterAll(() => machine?.close())

test.each(Object.entries(BUDGETS) as [CountedName, number][])('%s: at most %d M', async (name, budget) => {
  const { command, before = ':', after = ':', runs, megabytes = 1 }: Counted = COUNTED[name]
  await machine.output(before)
  const most = budget * TOLERANCE
  const { millions } = await meter.cost(command, runs, most * megabytes)
  await machine.output(after)
  expect(millions / megabytes).toBeLessThanOrEqual(most)
})

/** Millions of instructions: key by key through channel, engine, shim and pty to the shell, and its echo back. */
const KEYSTROKE = 0.6

test(`a keystroke in a terminal of the page: at most ${KEYSTROKE} M`, async () => {
  expect(await keystrokeCost(machine)).toBeLessThan(KEYSTROKE * TOLERANCE)
})

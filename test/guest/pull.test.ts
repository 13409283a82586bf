/**
 * A pull is the page's work: layers go from its files into its store, and the guest is told of them. Counted is what goes
 * into the guest, by the channel and by 9P; the image that is read there at the end shows that the counters count.
 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { ConsolePort } from '../../web/src/vm/console-port.ts'

/** 30 MB in one layer. */
const IMAGE = 'debian'
const KIB = 1024

let machine: HeadlessMachine
let bytes = { channel: 0, nine: 0 }

beforeAll(async () => {
  const send = ConsolePort.prototype.send
  vi.spyOn(ConsolePort.prototype, 'send').mockImplementation(function (this: ConsolePort, chunk) {
    bytes.channel += chunk.length
    return send.call(this, chunk)
  })
  machine = await HeadlessMachine.start()
  const { nine } = machine.guest
  const respond = nine.respond.bind(nine)
  vi.spyOn(nine, 'respond').mockImplementation((request, reply) =>
    respond(request, (answer) => {
      bytes.nine += answer.length
      reply(answer)
    }),
  )
  // The code of these commands is read into the guest the first time.
  await machine.output(`docker pull ${IMAGE} && docker tag ${IMAGE} kept && docker rmi ${IMAGE}`)
})

afterAll(async () => {
  await machine?.close()
  vi.restoreAllMocks()
})

/** What goes into the guest while a command runs, and what it prints. */
async function counted(command: string): Promise<{ output: string; channel: number; nine: number }> {
  bytes = { channel: 0, nine: 0 }
  const output = await machine.output(command)
  return { output, ...bytes }
}

it('brings nothing into the guest when its layers are in the page’s store', async () => {
  const { output, channel, nine } = await counted(`docker pull ${IMAGE}`)
  expect(output).toContain('Already exists')
  expect(channel).toBeLessThan(16 * KIB)
  expect(nine).toBeLessThan(64 * KIB)
})

it('tells of its progress alone when the page takes them from its files', async () => {
  await machine.output(`docker rmi ${IMAGE} kept`)
  const { output, channel, nine } = await counted(`docker pull ${IMAGE}`)
  expect(output).toContain('Pull complete')
  expect(channel).toBeLessThan(64 * KIB)
  expect(nine).toBeLessThan(64 * KIB)
})

it('lets the guest read of the image what is asked for', async () => {
  const { output, nine } = await counted(`docker run --rm ${IMAGE} sh -c 'cat /usr/bin/bash | wc -c'`)
  expect(Number(output)).toBeGreaterThan(1024 * KIB)
  expect(nine).toBeGreaterThan(Number(output))
})

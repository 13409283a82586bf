/** Claims about the one connection that carries those of all plans and shims. */
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HostPlan } from '../../runtime/plan/plan.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'
import { TestContainers } from '../testing/test-containers.ts'

let bed: TestBed
let containers: TestContainers
beforeAll(async () => {
  bed = await openTestBed()
  containers = new TestContainers(bed)
}, 300_000)
afterAll(() => bed?.close())

const statPlan = (path: string): HostPlan => ({ steps: [{ op: 'path-stat', path }] })

/** Processes of this test's launcher that carry connections. */
async function links(): Promise<number[]> {
  const found: number[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [comm, command] = await Promise.all(
      ['comm', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    )
    if (comm === 'launcher-link\n' && command!.includes(bed.dir)) found.push(Number(pid))
  }
  return found
}

test('one connection carries many plans at once, each with its own answer', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) => bed.client.ask(statPlan(i % 2 === 0 ? '/' : `/missing-${i}`))),
  )
  for (const [i, outcome] of outcomes.entries()) {
    if (i % 2 === 0)
      expect(outcome).toMatchObject({ status: 'fulfilled', value: [{ op: 'path-stat', result: 0 }] })
    else expect(outcome).toMatchObject({ reason: { details: { op: 'path-stat', errno: 2 } } })
  }
  expect(await links()).toHaveLength(1)
})

test('a plan as long as the launcher takes arrives whole', async () => {
  const path = `/${'x'.repeat(300_000)}`
  await expect(bed.client.ask(statPlan(path))).rejects.toMatchObject({ details: { errno: 36 } })
})

test('a process outlives the connection that it was launched on, and its end is heard of', async () => {
  const setup = containers.setUp(['sh', '-c', 'read line; exit 7'])
  const shim = await containers.launch({ ...setup, options: { ...setup.options, stdin: true } })
  const attachment = await shim.attach({ stdin: true })
  for (const pid of await links()) process.kill(pid, 'SIGKILL')
  await expect.poll(links).toEqual([])
  await attachment.write(new TextEncoder().encode('go\n'))
  for await (const _ of attachment.output);
  expect(await shim.exited).toMatchObject({ exitCode: 7 })
  expect(await bed.client.ask(statPlan('/'))).toMatchObject([{ result: 0 }])
  expect(await links()).toHaveLength(1)
})

/** Claims about the shim of a real container, and about plans without one. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HostPlan, Step } from '../../runtime/plan/plan.ts'
import { HOST_NETNS } from '../../runtime/docker/network/plan/steps.ts'
import { setUpSteps, tearDownSteps } from '../../runtime/docker/network/plan/sandbox-plan.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'
import { finish, readOutput, TestContainers } from '../testing/test-containers.ts'

let bed: TestBed
let containers: TestContainers
beforeAll(async () => {
  bed = await openTestBed()
  containers = new TestContainers(bed)
}, 300_000)
afterAll(() => bed?.close())

describe('a shim', () => {
  test('is found again by an engine that was away, with its process and its report', async () => {
    const setup = containers.setUp(['sh', '-c', 'read x; echo got $x; exit 5'])
    const shim = await containers.launch({
      ...setup,
      options: { ...setup.options, stdin: true, holdOutput: false },
    })
    shim.release()
    const again = await bed.reconnected().reconnect(shim.id)
    expect(again?.identity).toEqual(shim.identity)
    expect(again?.report.map(({ op }) => op)).toEqual(shim.report.map(({ op }) => op))
    const attachment = await again!.attach({ stdin: true })
    await attachment.write(new TextEncoder().encode('it\n'))
    expect((await readOutput(attachment)).stdout).toBe('got it\n')
    expect((await again!.exited).exitCode).toBe(5)
  })

  test('leaves an exit record for an engine that was away', async () => {
    const setup = containers.setUp(['sh', '-c', 'exit 9'])
    const shim = await containers.launch({ ...setup, options: { ...setup.options, holdOutput: false } })
    const exit = await shim.exited
    shim.release()
    const again = await bed.reconnected().reconnect(shim.id)
    expect(await again!.exited).toEqual(exit)
    await bed.client.forget(shim.id)
    // The shim itself may take a moment to leave.
    await expect.poll(() => bed.client.reconnect(shim.id)).toBeUndefined()
  })

  test.each([
    [['cat', '/proc/net/dev'], 'a process that ends'],
    [['nobody-has-this'], 'one that cannot start'],
  ])('makes a network namespace for %s and removes it after', async (args) => {
    const { spec, options } = containers.setUp(args)
    const netnsPath = join(bed.dir, `${options.id}.netns`)
    const others = spec.linux!.namespaces!.filter(({ type }) => type !== 'network')
    spec.linux!.namespaces = [...others, { type: 'network', path: netnsPath }]
    const input = { netnsPath, exists: false, connections: [], gateways: {}, ports: [] }
    // In the guest the launcher has the namespace of PID 1; on a host that may be another one.
    const own = (step: Step): Step =>
      step.op === 'setns' && step.path === HOST_NETNS
        ? { ...step, path: `/proc/${process.pid}/ns/net` }
        : step
    const steps = { setUp: setUpSteps(input).map(own), tearDown: tearDownSteps(input).map(own) }
    const launched = containers.launch({ spec, options: { ...options, ...steps, dnsListener: true } })
    if (args.length > 1) {
      const { stdout, cleanedUp } = await finish(await launched)
      expect(stdout.match(/\w+(?=:)/g)).toEqual(['lo'])
      expect(cleanedUp).toBe(true)
    } else await expect(launched).rejects.toMatchObject({ details: { role: 'init', op: 'execute' } })
    expect(existsSync(netnsPath)).toBe(false)
  })

  test.each([
    ['cleaned up', '/', true],
    ['not cleaned up', undefined, false],
  ])('tells whether it has %s after its process', async (_, path, cleanedUp) => {
    const setup = containers.setUp(['sh', '-c', 'exit 9'])
    const missing = `${setup.options.shimDir}/missing`
    const tearDown = [{ op: 'chdir', path: path ?? missing } as const]
    const shim = await containers.launch({
      ...setup,
      options: { ...setup.options, holdOutput: false, tearDown },
    })
    expect(await shim.exited).toMatchObject({ exitCode: 9, cleanedUp })
    shim.release()
  })

  test('tells its exit to an engine that comes while output is held', async () => {
    const shim = await containers.launch(containers.setUp(['sh', '-c', 'exit 9']))
    const exit = await shim.exited
    const again = await bed.reconnected().reconnect(shim.id)
    expect(await again!.exited).toEqual(exit)
    again!.release()
    shim.release()
  })

  test('holds output for as many attachments as it is told', async () => {
    const setup = containers.setUp(['sh', '-c', 'echo hello'])
    const shim = await containers.launch({ ...setup, options: { ...setup.options, holdOutput: 2 } })
    const first = await shim.attach({ stdin: false })
    await shim.exited
    const second = await shim.attach({ stdin: false })
    expect(await readOutput(first)).toEqual({ stdout: 'hello\n', stderr: '' })
    expect(await readOutput(second)).toEqual({ stdout: 'hello\n', stderr: '' })
  })

  test('writes a log of whole and partial lines in the CRI format', async () => {
    const setup = containers.setUp(['sh', '-c', 'echo one; printf two; echo bad >&2'])
    const logPath = join(bed.dir, `${setup.options.id}.log`)
    await finish(await containers.launch({ ...setup, options: { ...setup.options, logPath } }))
    const lines = (await readFile(logPath, 'utf8')).trim().split('\n')
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /
    expect(lines.every((line) => time.test(line))).toBe(true)
    expect(lines.map((line) => line.replace(time, '')).sort()).toEqual([
      'stderr F bad',
      'stdout F one',
      'stdout P two',
    ])
    expect(Math.abs(Date.now() - Date.parse(lines[0]!.split(' ')[0]!))).toBeLessThan(60_000)
  })

  test('loses no byte of a large output to a reader that is slow', async () => {
    const shim = await containers.launch(containers.setUp(['sh', '-c', 'seq 1 200000']))
    const { stdout } = await finish(shim)
    expect(stdout).toBe(Array.from({ length: 200000 }, (_, index) => `${index + 1}\n`).join(''))
  })

  test('keeps held output for a client that comes long after the end', async () => {
    const shim = await containers.launch(containers.setUp(['sh', '-c', 'echo early; echo bad >&2']))
    await shim.exited
    expect(await readOutput(await shim.attach({ stdin: false }))).toMatchObject({
      stdout: 'early\n',
      stderr: 'bad\n',
    })
  })

  test('keeps its output for a client that sends the end of its input after the end', async () => {
    const setup = containers.setUp(['sh', '-c', 'echo early'])
    const shim = await containers.launch({ ...setup, options: { ...setup.options, stdin: true } })
    await shim.exited
    const attachment = await shim.attach({ stdin: true })
    // Nothing is read meanwhile, because this thread is busy; a shim that leaves has left before the last of these.
    while (existsSync(join(bed.shimDir, `${shim.id}.sock`)));
    await Promise.all(Array.from({ length: 2000 }, () => attachment.closeStdin()))
    expect((await readOutput(attachment)).stdout).toBe('early\n')
  })

  test('waits with the program until it is told to start', async () => {
    const setup = containers.setUp(['sh', '-c', 'echo now'])
    const shim = await containers.launch({ ...setup, options: { ...setup.options, waitForStart: true } })
    expect(shim.report.some(({ op }) => op === 'execute')).toBe(false)
    const attachment = await shim.attach({ stdin: false })
    await shim.start()
    expect((await readOutput(attachment)).stdout).toBe('now\n')
    expect(shim.report.find(({ op }) => op === 'execute')).toMatchObject({ role: 'init', result: 0 })
  })
})

describe('a host plan', () => {
  test('reports every step', async () => {
    const path = join(bed.dir, 'made/below')
    const reports = await bed.client.ask({ steps: [{ op: 'mkdir', path, mode: 0o700, parents: true }] })
    expect(reports).toEqual([
      { step: 0, role: 'shim', op: 'mkdir', result: 0, nanoseconds: expect.any(Number) },
    ])
  })

  test('that fails is undone and says where', async () => {
    const path = join(bed.dir, 'undone')
    const plan: HostPlan = {
      steps: [
        { op: 'mkdir', path, mode: 0o700 },
        { op: 'rmdir', path: join(bed.dir, 'nothing') },
      ],
      undo: [{ op: 'rmdir', path }],
    }
    await expect(bed.client.run(plan)).rejects.toMatchObject({ details: { step: 1, op: 'rmdir', errno: 2 } })
    expect(await readdir(bed.dir)).not.toContain('undone')
  })

  test('brings back what netlink answers', async () => {
    // RTM_GETLINK, dump, of every link: struct nlmsghdr and struct ifinfomsg (rtnetlink(7)).
    const messages = new Uint8Array(32)
    const view = new DataView(messages.buffer)
    view.setUint32(0, 32, true)
    view.setUint16(4, 18, true)
    view.setUint16(6, 0x301, true)
    const [report] = await bed.client.ask({
      steps: [{ op: 'netlink', protocol: 0, messages, collect: true }],
    })
    expect(Buffer.from(report!.data!).includes('lo\0')).toBe(true)
  })
})

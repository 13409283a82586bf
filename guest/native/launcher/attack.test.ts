/** Attacks on the launcher that got other runtimes once, each of which must fail. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineError } from '../../protocol/errors.ts'
import { encodeFrame, ShimDecoder, type ShimMessage } from '../../runtime/host/launcher/shim-frames.ts'
import { compileExecPlan } from '../../runtime/oci/compile-exec-plan.ts'
import { compilePlan } from '../../runtime/oci/compile-plan.ts'
import { encodeLaunchPlan } from '../../runtime/plan/encode-plan.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'
import { finish, TestContainers } from '../testing/test-containers.ts'

let bed: TestBed
let containers: TestContainers
beforeAll(async () => {
  bed = await openTestBed()
  containers = new TestContainers(bed)
}, 300_000)
afterAll(() => bed?.close())

describe('an attack', () => {
  test('on the launcher through /proc/self/exe finds a sealed file (CVE-2019-5736)', async () => {
    const setup = containers.setUp(['/proc/self/exe', 'serve', '--sealed', '--socket', '/tmp/s'])
    const container = await containers.launch(setup)
    const before = await readFile('/proc/' + container.identity.pid + '/comm', 'utf8')
    expect(before.length).toBeGreaterThan(0)
    const args = ['sh', '-c', 'exec 2>&1; cat /proc/1/exe | head -c 4 | tail -c 3; echo x >> /proc/1/exe']
    const options = {
      id: `${setup.options.id}-exec`,
      shimDir: bed.shimDir,
      container: container.identity,
      holdOutput: true,
    }
    const plan = compileExecPlan(setup.spec, { ...setup.spec.process!, args }, options)
    const { stdout, exitCode } = await finish(await bed.client.launch(plan))
    expect(stdout).toMatch(/^ELF.*(Text file busy|Operation not permitted|Permission denied)/s)
    expect(exitCode).not.toBe(0)
    await container.signal(9)
    await container.exited
  })

  test.each(['/proc/self/fd/3', '/proc/self/fd/8', '/proc/self/fd/10'])(
    'by a working directory %s does not leave the root (CVE-2024-21626)',
    async (cwd) => {
      const { spec, options } = containers.setUp(['pwd'], { cwd })
      const plan = compilePlan(spec, { ...options, createCwd: false })
      const result = await bed.client.launch(plan).then(finish, (error: EngineError) => error)
      if (result instanceof EngineError) expect(result.details).toMatchObject({ op: 'chdir', role: 'init' })
      else expect(result.stdout).toBe('/\n')
    },
  )

  test('by symlinks under mount targets stays in the root (CVE-2021-30465)', async () => {
    const setup = containers.setUp(['sh', '-c', 'ls -d /victim; cat /victim/marker'])
    const upper = join(bed.dir, setup.options.id, 'upper')
    const outside = join(bed.dir, 'outside')
    await mkdir(upper, { recursive: true })
    await mkdir(outside)
    await symlink('../../../../../../../../victim', join(upper, 'target'))
    const source = join(bed.dir, 'source')
    await mkdir(source)
    await writeFile(join(source, 'marker'), 'inside\n')
    await mkdir(join(upper, 'victim'))
    setup.spec.mounts!.push({ destination: '/target', type: 'bind', source, options: ['bind', 'ro'] })
    expect((await finish(await containers.launch(setup))).stdout).toBe('/victim\ninside\n')
  })

  test('by a /proc that is a symlink ends the start (CVE-2019-19921)', async () => {
    const setup = containers.setUp(['true'])
    const image = join(bed.dir, 'evil-image')
    await mkdir(join(image, 'evil/sys'), { recursive: true })
    await symlink('/evil', join(image, 'proc'))
    const upper = join(bed.dir, setup.options.id)
    const overlay = { lower: [image, bed.image], upper: join(upper, 'upper'), work: join(upper, 'work') }
    const plan = compilePlan(setup.spec, { ...setup.options, root: { overlay } })
    const details = await containers.failure(plan)
    expect(details).toMatchObject({ role: 'init', op: 'mask-path', errno: 40 })
  })

  test('by a plan that is garbage is answered, and the next plan works', async () => {
    const { spec, options } = containers.setUp(['true'])
    const good = encodeLaunchPlan(compilePlan(spec, options))
    for (const end of [4, 8, 20, 100, good.length - 1]) {
      expect(await answer(encodeFrame('plan', good.subarray(0, end)))).toMatchObject({
        type: 'failed',
        failure: { step: -1, errno: 22 },
      })
    }
    for (let at = 8; at < good.length; at += 97) {
      const bad = good.slice()
      bad.fill(0xff, at, at + 4)
      await answer(encodeFrame('plan', bad))
    }
    expect((await containers.shell('echo fine')).stdout).toBe('fine\n')
  })
})

/** The last message that the launcher answers to raw bytes before it closes or the process has started. */
function answer(bytes: Uint8Array): Promise<ShimMessage | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(bed.dir, 'launcher.sock'))
    const decoder = new ShimDecoder()
    let last: ShimMessage | undefined
    socket.on('data', (chunk) => {
      for (const message of decoder.push(chunk)) last = message
      if (last?.type === 'failed' || last?.type === 'exit') socket.destroy()
    })
    socket.on('close', () => resolve(last))
    socket.on('error', reject)
    socket.end(bytes)
  })
}

/** Claims about real containers, made on the host by the guest's own static launcher. */
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineError } from '../protocol/errors.ts'
import type { Shim, ShimAttachment } from '../runtime/host/launcher-api.ts'
import { encodeFrame, ShimDecoder, type ShimMessage } from '../runtime/host/shim-frames.ts'
import { compileExecPlan } from '../runtime/oci/compile-exec-plan.ts'
import type { CompileOptions } from '../runtime/oci/compile-options.ts'
import { compilePlan } from '../runtime/oci/compile-plan.ts'
import { executionFailure, userFailure } from '../runtime/oci/describe-step.ts'
import { encodeLaunchPlan } from '../runtime/oci/encode-plan.ts'
import type { HostPlan, LaunchPlan } from '../runtime/oci/plan.ts'
import { dockerSeccomp } from '../runtime/oci/seccomp-default.ts'
import type { OciProcess, OciSpec } from '../runtime/oci/spec.ts'
import { openTestBed, testSpec, type TestBed } from './test-bed.ts'

let bed: TestBed
let count = 0
beforeAll(async () => {
  bed = await openTestBed()
}, 300_000)
afterAll(() => bed?.close())

const CGROUPS = '/sys/fs/cgroup/unified'

interface Setup {
  spec: OciSpec
  options: CompileOptions
}

function setUp(args: string[], process: Partial<OciProcess> = {}): Setup {
  const id = `c${++count}`
  const overlay = { lower: [bed.image], upper: join(bed.dir, id, 'upper'), work: join(bed.dir, id, 'work') }
  const options = { id, root: { overlay }, rootMountPoint: join(bed.dir, 'root'), shimDir: bed.shimDir }
  return { spec: testSpec(args, process), options: { ...options, holdOutput: true, createCwd: true } }
}

async function read(attachment: ShimAttachment): Promise<{ stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' }
  for await (const { stream, bytes } of attachment.output) text[stream] += Buffer.from(bytes).toString()
  return text
}

async function finish(shim: Shim) {
  const text = await read(await shim.attach({ stdin: false }))
  return { ...text, ...(await shim.exited) }
}

const launch = ({ spec, options }: Setup): Promise<Shim> => bed.client.launch(compilePlan(spec, options))
const shell = async (script: string, process: Partial<OciProcess> = {}) =>
  finish(await launch(setUp(['sh', '-c', script], process)))

async function failure(plan: LaunchPlan): Promise<{ role: string; step: number; op: string; errno: number }> {
  const error = await bed.client.launch(plan).then(
    () => undefined,
    (reason: EngineError) => reason,
  )
  expect(error).toBeInstanceOf(EngineError)
  return error!.details as { role: string; step: number; op: string; errno: number }
}

describe('a container', () => {
  test('is process 1 of its own namespaces, under its own name, on its own root', async () => {
    const result = await shell('echo $$; hostname; ls /; ip -o link | wc -l; readlink /proc/self/ns/pid')
    const lines = result.stdout.trim().split('\n')
    expect(lines.slice(0, 2)).toEqual(['1', 'claims'])
    expect(lines).toContain('home')
    expect(lines.at(-2)).toBe('1')
    expect(lines.at(-1)).not.toBe(await readlink('/proc/self/ns/pid'))
    expect(result.exitCode).toBe(0)
  })

  test('keeps stdout and stderr apart and reports its exit status', async () => {
    const result = await shell('echo out; echo err >&2; exit 3')
    expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 3, oomKilled: false })
  })

  test('that dies of a signal has 128 plus its number', async () => {
    const shim = await launch(setUp(['sh', '-c', 'echo ready; exec sleep 1000']))
    const attachment = await shim.attach({ stdin: false })
    for await (const output of attachment.output) if (output.bytes.length > 0) break
    await shim.signal(9)
    expect(await shim.exited).toMatchObject({ exitCode: 137, signal: 9 })
    await expect(shim.signal(15)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('writes to its upper directory and leaves the image as it was', async () => {
    const setup = setUp(['sh', '-c', 'echo new > /tmp/file; rm /etc/group'])
    await finish(await launch(setup))
    expect(await readFile(join(bed.dir, setup.options.id, 'upper/tmp/file'), 'utf8')).toBe('new\n')
    expect(await readdir(join(bed.image, 'etc'))).toContain('group')
  })

  test('has exactly the capabilities asked for, and none inheritable', async () => {
    const { stdout } = await shell('grep Cap /proc/self/status')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'CapInh: 0000000000000000 CapPrm: 00000000000000e1 CapEff: 00000000000000e1 CapBnd: 00000000000000e1',
    )
  })

  test('inherits no descriptor but its standard three', async () => {
    const { stdout } = await shell('ls /proc/self/fd | sort -n | tr "\\n" " "')
    expect(stdout.trim()).toBe('0 1 2 3')
  })

  test('cannot read what is masked nor write what is read-only', async () => {
    const { stdout, stderr } = await shell(
      'cat /proc/keys; ls /sys/firmware; echo 1 > /proc/sys/kernel/pid_max',
    )
    expect(stdout).toBe('')
    expect(stderr).toContain('Read-only file system')
  })

  test('reads what is typed and sees its end', async () => {
    const setup = setUp(['cat'])
    const shim = await launch({ ...setup, options: { ...setup.options, stdin: true } })
    const attachment = await shim.attach({ stdin: true })
    const text = read(attachment)
    await attachment.write(new TextEncoder().encode('typed'))
    await attachment.closeStdin()
    expect((await text).stdout).toBe('typed')
    expect((await shim.exited).exitCode).toBe(0)
  })

  test('with a terminal owns /dev/console, and has its size', async () => {
    const setup = setUp(['sh', '-c', 'tty; stty size; stat -c %t:%T /dev/console; cat /dev/tty'], {
      terminal: true,
    })
    const options = { ...setup.options, consoleSize: { columns: 91, rows: 17 }, stdin: true }
    const shim = await launch({ ...setup, options })
    const attachment = await shim.attach({ stdin: true })
    await attachment.write(new TextEncoder().encode('\x04'))
    const { stdout } = await read(attachment)
    expect(stdout.split('\r\n').slice(0, 3)).toEqual(['/dev/pts/0', '17 91', '88:0'])
  })

  test('is given users and groups by its own /etc/passwd', async () => {
    const user = { uid: 0, gid: 0, username: 'www', additionalGroups: ['video', '4242'] }
    const { stdout } = await shell('id -u; id -g; id -G; echo $HOME; echo again > /dev/stdout', { user })
    expect(stdout.trim().split('\n')).toEqual(['33', '34', '34 29 44 4242', '/home/www', 'again'])
  })

  test('leaves nothing behind: no cgroup, no mount, no socket', async () => {
    const setup = setUp(['sh', '-c', 'sleep 1000 & echo started'])
    const cgroupPath = join(CGROUPS, `porthole-${process.pid}-${setup.options.id}`)
    const before = await readFile('/proc/self/mounts', 'utf8')
    await finish(await launch({ ...setup, options: { ...setup.options, cgroupPath } }))
    expect(await readdir(CGROUPS)).not.toContain(cgroupPath.split('/').at(-1))
    expect(await readFile('/proc/self/mounts', 'utf8')).toBe(before)
  })

  test('under the default seccomp policy works and is refused what that withholds', async () => {
    const setup = setUp([
      'sh',
      '-c',
      'echo works; unshare -u true; mount -t tmpfs x /tmp; date -s 2000-01-01',
    ])
    setup.spec.linux!.seccomp = dockerSeccomp(['CAP_CHOWN'])
    const { stdout, stderr } = await finish(await launch(setup))
    expect(stdout).toContain('works')
    expect(stderr).toMatch(/unshare.*Operation not permitted/)
    expect(stderr).toMatch(/mount.*(Operation not permitted|permission denied)/i)
  })
})

describe('a start that fails', () => {
  test('names role, step, op and errno, and undoes the rest', async () => {
    const setup = setUp(['true'])
    const cgroupPath = join(CGROUPS, `porthole-${process.pid}-${setup.options.id}`)
    setup.spec.mounts!.push({ destination: '/x', type: 'bind', source: '/does/not/exist', options: ['bind'] })
    const plan = compilePlan(setup.spec, { ...setup.options, cgroupPath })
    const details = await failure(plan)
    expect(details).toMatchObject({ role: 'init', op: 'bind', errno: 2 })
    expect(plan.init[details.step]).toMatchObject({ op: 'bind', source: '/does/not/exist' })
    expect(await readdir(CGROUPS)).not.toContain(cgroupPath.split('/').at(-1))
    expect(await bed.client.reconnect(setup.options.id)).toBeUndefined()
  })

  test.each([
    [['nonsense'], 127, 'exec: "nonsense": executable file not found in $PATH'],
    [['/bin/nonsense'], 127, 'exec: "/bin/nonsense": stat /bin/nonsense: no such file or directory'],
    [['/etc/passwd'], 126, 'exec: "/etc/passwd": permission denied'],
    [['/etc'], 126, 'exec: "/etc": permission denied'],
  ])('for %j is told in words of Docker', async (args, exitCode, message) => {
    const { spec, options } = setUp(args)
    const plan = compilePlan(spec, options)
    expect(executionFailure(plan, await failure(plan))).toEqual({ exitCode, message })
  })

  test('for an unknown user is told in words of Docker', async () => {
    const { spec, options } = setUp(['true'], { user: { uid: 0, gid: 0, username: 'nobody-here' } })
    const plan = compilePlan(spec, options)
    expect(userFailure(plan, await failure(plan))).toBe(
      'unable to find user nobody-here: no matching entries in passwd file',
    )
  })
})

describe('an exec', () => {
  test('joins the namespaces of the container, with a user and directory of its own', async () => {
    const setup = setUp(['sleep', '1000'])
    const container = await launch(setup)
    const options = {
      id: `${setup.options.id}-exec`,
      shimDir: bed.shimDir,
      container: container.identity,
      holdOutput: true,
    }
    const args = ['sh', '-c', 'hostname; id -u; pwd; cat /proc/1/comm']
    const user = { uid: 33, gid: 34 }
    const plan = compileExecPlan(setup.spec, { ...setup.spec.process!, args, user, cwd: '/tmp' }, options)
    expect((await finish(await bed.client.launch(plan))).stdout).toBe('claims\n33\n/tmp\nsleep\n')
    await container.signal(9)
    await container.exited
  })

  test('in a container that has gone is refused, even when its pid is alive', async () => {
    const { spec } = setUp(['true'])
    const options = { id: 'late', shimDir: bed.shimDir, container: { pid: process.pid, startTime: 1 } }
    const details = await failure(compileExecPlan(spec, spec.process!, options))
    expect(details).toMatchObject({ role: 'shim', op: 'open-process', errno: 3 })
  })
})

describe('a shim', () => {
  test('is found again by an engine that was away, with its process and its report', async () => {
    const setup = setUp(['sh', '-c', 'read x; echo got $x; exit 5'])
    const shim = await launch({ ...setup, options: { ...setup.options, stdin: true, holdOutput: false } })
    shim.release()
    const again = await bed.reconnected().reconnect(shim.id)
    expect(again?.identity).toEqual(shim.identity)
    expect(again?.report.map(({ op }) => op)).toEqual(shim.report.map(({ op }) => op))
    const attachment = await again!.attach({ stdin: true })
    await attachment.write(new TextEncoder().encode('it\n'))
    expect((await read(attachment)).stdout).toBe('got it\n')
    expect((await again!.exited).exitCode).toBe(5)
  })

  test('leaves an exit record for an engine that was away', async () => {
    const shim = await launch(setUp(['sh', '-c', 'exit 9']))
    const exit = await shim.exited
    shim.release()
    const again = await bed.reconnected().reconnect(shim.id)
    expect(await again!.exited).toEqual(exit)
    await bed.client.forget(shim.id)
    expect(await bed.client.reconnect(shim.id)).toBeUndefined()
  })

  test('writes a log of whole and partial lines in the CRI format', async () => {
    const setup = setUp(['sh', '-c', 'echo one; printf two; echo bad >&2'])
    const logPath = join(bed.dir, `${setup.options.id}.log`)
    await finish(await launch({ ...setup, options: { ...setup.options, logPath } }))
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
    const shim = await launch(setUp(['sh', '-c', 'seq 1 200000']))
    const { stdout } = await finish(shim)
    expect(stdout).toBe(Array.from({ length: 200000 }, (_, index) => `${index + 1}\n`).join(''))
  })

  test('waits with the program until it is told to start', async () => {
    const setup = setUp(['sh', '-c', 'echo now'])
    const shim = await launch({ ...setup, options: { ...setup.options, waitForStart: true } })
    expect(shim.report.some(({ op }) => op === 'execute')).toBe(false)
    const attachment = await shim.attach({ stdin: false })
    await shim.start()
    expect((await read(attachment)).stdout).toBe('now\n')
    expect(shim.report.find(({ op }) => op === 'execute')).toMatchObject({ role: 'init', result: 0 })
  })
})

describe('a host plan', () => {
  test('reports every step', async () => {
    const path = join(bed.dir, 'made/below')
    const reports = await bed.client.run({ steps: [{ op: 'mkdir', path, mode: 0o700, parents: true }] })
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
    const [report] = await bed.client.run({
      steps: [{ op: 'netlink', protocol: 0, messages, collect: true }],
    })
    expect(Buffer.from(report!.data!).includes('lo\0')).toBe(true)
  })
})

describe('an attack', () => {
  test('on the launcher through /proc/self/exe finds a sealed file (CVE-2019-5736)', async () => {
    const setup = setUp(['/proc/self/exe', 'serve', '--sealed', '--socket', '/tmp/s'])
    const container = await launch(setup)
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
      const { spec, options } = setUp(['pwd'], { cwd })
      const plan = compilePlan(spec, { ...options, createCwd: false })
      const result = await bed.client.launch(plan).then(finish, (error: EngineError) => error)
      if (result instanceof EngineError) expect(result.details).toMatchObject({ op: 'chdir', role: 'init' })
      else expect(result.stdout).toBe('/\n')
    },
  )

  test('by symlinks under mount targets stays in the root (CVE-2021-30465)', async () => {
    const setup = setUp(['sh', '-c', 'ls -d /victim; cat /victim/marker'])
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
    expect((await finish(await launch(setup))).stdout).toBe('/victim\ninside\n')
  })

  test('by a /proc that is a symlink ends the start (CVE-2019-19921)', async () => {
    const setup = setUp(['true'])
    const image = join(bed.dir, 'evil-image')
    await mkdir(join(image, 'evil/sys'), { recursive: true })
    await symlink('/evil', join(image, 'proc'))
    const root = {
      overlay: { ...(setup.options.root as { overlay: object }).overlay, lower: [image, bed.image] },
    }
    const details = await failure(compilePlan(setup.spec, { ...setup.options, root } as CompileOptions))
    expect(details).toMatchObject({ role: 'init', op: 'mask-path', errno: 40 })
  })

  test('by a plan that is garbage is answered, and the next plan works', async () => {
    const { spec, options } = setUp(['true'])
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
    expect((await shell('echo fine')).stdout).toBe('fine\n')
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

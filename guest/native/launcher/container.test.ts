/** Claims about real containers, made on the host by the guest's own static launcher. */
import { chmod, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileExecPlan } from '../../runtime/oci/compile-exec-plan.ts'
import { compilePlan } from '../../runtime/oci/compile-plan.ts'
import { executionFailure, userFailure } from '../../runtime/plan/describe-step.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'
import type { OciProcess } from '../../runtime/oci/spec.ts'
import { finish, readOutput, TestContainers, HOST_CGROUPS, type Setup } from '../testing/test-containers.ts'

let bed: TestBed
let containers: TestContainers
beforeAll(async () => {
  bed = await openTestBed()
  containers = new TestContainers(bed)
}, 300_000)
afterAll(() => bed?.close())

describe('a container', () => {
  test('is process 1 of its own namespaces, under its own name, on its own root', async () => {
    const result = await containers.shell(
      'echo $$; hostname; ls /; ip -o link | wc -l; readlink /proc/self/ns/pid',
    )
    const lines = result.stdout.trim().split('\n')
    expect(lines.slice(0, 2)).toEqual(['1', 'claims'])
    expect(lines).toContain('home')
    expect(lines.at(-2)).toBe('1')
    expect(lines.at(-1)).not.toBe(await readlink('/proc/self/ns/pid'))
    expect(result.exitCode).toBe(0)
  })

  test('keeps stdout and stderr apart and reports its exit status', async () => {
    const result = await containers.shell('echo out; echo err >&2; exit 3')
    expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 3, oomKilled: false })
  })

  test('that dies of a signal has 128 plus its number', async () => {
    const shim = await containers.launch(containers.setUp(['sh', '-c', 'echo ready; exec sleep 1000']))
    const attachment = await shim.attach({ stdin: false })
    for await (const output of attachment.output) if (output.bytes.length > 0) break
    await shim.signal(9)
    expect(await shim.exited).toMatchObject({ exitCode: 137, signal: 9 })
    await expect(shim.signal(15)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('writes to its upper directory and leaves the image as it was', async () => {
    const setup = containers.setUp(['sh', '-c', 'echo new > /tmp/file; rm /etc/group'])
    await finish(await containers.launch(setup))
    expect(await readFile(join(bed.dir, setup.options.id, 'upper/tmp/file'), 'utf8')).toBe('new\n')
    expect(await readdir(join(bed.image, 'etc'))).toContain('group')
  })

  test('has exactly the capabilities asked for, and none inheritable', async () => {
    const { stdout } = await containers.shell('grep Cap /proc/self/status')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'CapInh: 0000000000000000 CapPrm: 00000000000000e1 CapEff: 00000000000000e1 CapBnd: 00000000000000e1',
    )
  })

  test('inherits no descriptor but its standard three', async () => {
    const { stdout } = await containers.shell('ls /proc/self/fd | sort -n | tr "\\n" " "')
    expect(stdout.trim()).toBe('0 1 2 3')
  })

  test('cannot read what is masked nor write what is read-only', async () => {
    const { stdout, stderr } = await containers.shell(
      'cat /proc/keys; ls /sys/firmware; echo 1 > /proc/sys/kernel/pid_max',
    )
    expect(stdout).toBe('')
    expect(stderr).toContain('Read-only file system')
  })

  test('reads what is typed and sees its end', async () => {
    const setup = containers.setUp(['cat'])
    const shim = await containers.launch({ ...setup, options: { ...setup.options, stdin: true } })
    const attachment = await shim.attach({ stdin: true })
    const text = readOutput(attachment)
    await attachment.write(new TextEncoder().encode('typed'))
    await attachment.closeStdin()
    expect((await text).stdout).toBe('typed')
    expect((await shim.exited).exitCode).toBe(0)
  })

  test('with a terminal owns /dev/console, and has its size', async () => {
    const setup = containers.setUp(['sh', '-c', 'tty; stty size; stat -c %t:%T /dev/console; cat /dev/tty'], {
      terminal: true,
    })
    const options = { ...setup.options, consoleSize: { columns: 91, rows: 17 }, stdin: true }
    const shim = await containers.launch({ ...setup, options })
    const attachment = await shim.attach({ stdin: true })
    await attachment.write(new TextEncoder().encode('\x04'))
    const { stdout } = await readOutput(attachment)
    expect(stdout.split('\r\n').slice(0, 3)).toEqual(['/dev/pts/0', '17 91', '88:0'])
  })

  test('is given users and groups by its own /etc/passwd', async () => {
    const user = { uid: 0, gid: 0, username: 'www', additionalGroups: ['video', '4242'] }
    const { stdout } = await containers.shell(
      'id -u; id -g; grep Groups: /proc/self/status; echo $HOME; echo again > /dev/stdout',
      {
        user,
      },
    )
    expect(stdout.trim().split(/\s*\n/)).toEqual(['33', '34', 'Groups:\t29 34 44 4242', '/home/www', 'again'])
  })

  describe('with a file mounted on its /etc/passwd', () => {
    /** `me` is in the mounted file alone, `www` in that of the image alone. */
    async function mounted(args: string[], process: Partial<OciProcess>): Promise<Setup> {
      const setup = containers.setUp(args, process)
      const source = join(bed.dir, 'passwd')
      await writeFile(source, 'me:x:42:43::/h:/bin/sh\n')
      setup.spec.mounts!.push({ destination: '/etc/passwd', type: 'bind', source, options: ['bind'] })
      return setup
    }
    const named = (username: string): Partial<OciProcess> => ({ user: { uid: 0, gid: 0, username } })

    test('knows the users of the image, and only the homes of what is mounted', async () => {
      const args = ['sh', '-c', 'id -u; id -g; echo $HOME']
      const known = await finish(await containers.launch(await mounted(args, named('www'))))
      expect(known.stdout).toBe('33\n34\n/\n')
      const number = await finish(await containers.launch(await mounted(args, named('42'))))
      expect(number.stdout).toBe('42\n0\n/h\n')
    })

    test('does not know a user of the mounted file, nor does an exec', async () => {
      const unknown = await mounted(['true'], named('me'))
      const plan = compilePlan(unknown.spec, unknown.options)
      expect(await containers.failure(plan)).toMatchObject({ op: 'resolve-user', errno: 2 })
      const setup = await mounted(['sleep', '1000'], {})
      const container = await containers.launch(setup)
      const exec = (id: string, username: string) =>
        compileExecPlan(
          setup.spec,
          { ...setup.spec.process!, ...named(username), args: ['sh', '-c', 'id -u; id -g; echo $HOME'] },
          { id, shimDir: bed.shimDir, container: container.identity, holdOutput: true },
        )
      expect(await containers.failure(exec('exec-me', 'me'))).toMatchObject({ op: 'resolve-user', errno: 2 })
      const known = await finish(await bed.client.launch(exec('exec-www', 'www')))
      expect(known.stdout).toBe('33\n34\n/\n')
      await container.signal(9)
      await container.exited
    })
  })

  test('knows a user by number although another has that number for a name', async () => {
    const setup = containers.setUp(['id', '-g'], { user: { uid: 0, gid: 0, username: '33' } })
    const { upper } = (setup.options.root as { overlay: { upper: string } }).overlay
    await mkdir(join(upper, 'etc'), { recursive: true })
    await writeFile(join(upper, 'etc/passwd'), '33:x:7:7::/:/bin/sh\nwww:x:33:34::/home/www:/bin/sh\n')
    expect((await finish(await containers.launch(setup))).stdout).toBe('34\n')
  })

  test('has an empty HOME filled in', async () => {
    const { stdout } = await containers.shell('env | grep HOME', { env: ['HOME=', 'PATH=/bin'] })
    expect(stdout).toBe('HOME=/root\n')
  })

  test('has tmpfs mounts with the mode of what they cover, unless they name one', async () => {
    const setup = containers.setUp(['stat', '-c', '%a', '/secret', '/named', '/new'])
    const { upper } = (setup.options.root as { overlay: { upper: string } }).overlay
    for (const name of ['secret', 'named']) await mkdir(join(upper, name), { recursive: true })
    for (const name of ['secret', 'named']) await chmod(join(upper, name), 0o2750)
    const tmpfs = (destination: string, ...options: string[]) => ({ destination, type: 'tmpfs', options })
    setup.spec.mounts!.push(tmpfs('/secret'), tmpfs('/named', 'mode=711'), tmpfs('/new'))
    expect((await finish(await containers.launch(setup))).stdout).toBe('2750\n711\n1777\n')
  })

  test('leaves nothing behind: no cgroup, no mount, no socket', async () => {
    const setup = containers.setUp(['sh', '-c', 'sleep 1000 & echo started'])
    const cgroupPath = join(HOST_CGROUPS, `porthole-${process.pid}-${setup.options.id}`)
    const before = await readFile('/proc/self/mounts', 'utf8')
    await finish(await containers.launch({ ...setup, options: { ...setup.options, cgroupPath } }))
    expect(await readdir(HOST_CGROUPS)).not.toContain(cgroupPath.split('/').at(-1))
    expect(await readFile('/proc/self/mounts', 'utf8')).toBe(before)
  })
})

test('a cgroup that is gone is thawed, and cannot be frozen', async () => {
  const freeze = (frozen: boolean) =>
    bed.client.run({ steps: [{ op: 'cgroup-freeze', path: join(HOST_CGROUPS, 'porthole-gone'), frozen }] })
  await freeze(false)
  await expect(freeze(true)).rejects.toMatchObject({ message: /no such file or directory/i })
})

describe('a start that fails', () => {
  test('names role, step, op and errno, and undoes the rest', async () => {
    const setup = containers.setUp(['true'])
    const cgroupPath = join(HOST_CGROUPS, `porthole-${process.pid}-${setup.options.id}`)
    setup.spec.mounts!.push({ destination: '/x', type: 'bind', source: '/does/not/exist', options: ['bind'] })
    const plan = compilePlan(setup.spec, { ...setup.options, cgroupPath })
    const details = await containers.failure(plan)
    expect(details).toMatchObject({ role: 'init', op: 'bind', errno: 2 })
    expect(plan.init[details.step]).toMatchObject({ op: 'bind', source: '/does/not/exist' })
    expect(await readdir(HOST_CGROUPS)).not.toContain(cgroupPath.split('/').at(-1))
    expect(await bed.client.reconnect(setup.options.id)).toBeUndefined()
  })

  test.each([
    [['nonsense'], 127, 'exec: "nonsense": executable file not found in $PATH'],
    [['/bin/nonsense'], 127, 'exec: "/bin/nonsense": stat /bin/nonsense: no such file or directory'],
    [['/etc/passwd'], 126, 'exec: "/etc/passwd": permission denied'],
    [['/etc'], 126, 'exec: "/etc": is a directory'],
  ])('for %j is told in words of Docker', async (args, exitCode, message) => {
    const { spec, options } = containers.setUp(args)
    const plan = compilePlan(spec, options)
    expect(executionFailure(plan, await containers.failure(plan))).toEqual({ exitCode, message })
  })

  test.each([
    ['nobody-here', [], 'unable to find user nobody-here: no matching entries in passwd file'],
    ['www:nogrp', [], 'unable to find group nogrp: no matching entries in group file'],
    ['www', ['video', 'nogrp'], 'Unable to find group nogrp: no matching entries in group file'],
  ])(
    'for an unknown user or group (%s, %j) is told in words of Docker',
    async (username, groups, message) => {
      const user = { uid: 0, gid: 0, username, additionalGroups: groups }
      const { spec, options } = containers.setUp(['true'], { user })
      const plan = compilePlan(spec, options)
      const { role, step, errno } = await containers.failure(plan)
      expect(role).toBe('init')
      expect(userFailure(plan.init[step], errno)).toBe(message)
    },
  )
})

describe('an exec', () => {
  test('joins the namespaces of the container, with a user and directory of its own', async () => {
    const setup = containers.setUp(['sleep', '1000'])
    const container = await containers.launch(setup)
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
    const { spec } = containers.setUp(['true'])
    const options = { id: 'late', shimDir: bed.shimDir, container: { pid: process.pid, startTime: 1 } }
    const details = await containers.failure(compileExecPlan(spec, spec.process!, options))
    expect(details).toMatchObject({ role: 'shim', op: 'open-process', errno: 3 })
  })
})

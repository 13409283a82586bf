import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, words, type DockerBench } from '../../support/docker-bench.ts'

export function describeExec(bench: DockerBench): void {
  describeCommands(bench)
  describeExecStreams(bench)
  describeExecState(bench)
  describeExecRefusals(bench)
}

const BOTH = { AttachStdout: true, AttachStderr: true }

function describeCommands(bench: DockerBench): void {
  const CASES: [string, Docker.ExecCreateOptions, string, string][] = [
    ['the two outputs', {}, 'echo out', 'out'],
    ['variables of its own', { Env: ['A=1 2'] }, 'echo "$A"', '1 2'],
    ['the variables of the container', {}, 'echo $OF', 'container'],
    ['a variable instead of the container’s', { Env: ['OF=exec'] }, 'echo $OF', 'exec'],
    ['the working directory of the container', {}, 'pwd', '/tmp'],
    ['a working directory of its own', { WorkingDir: '/etc' }, 'pwd', '/etc'],
    ['a user', { User: 'nobody' }, 'id -u', '65534'],
    ['a user and a group', { User: '7:8' }, 'echo $(id -u) $(id -g)', '7 8'],
    ['the home of its user', { User: 'www-data' }, 'echo $HOME', '/var/www'],
    ['the container’s capabilities', {}, 'grep CapEff /proc/self/status | cut -f 2', '00000000a80425fb'],
    [
      'the container’s namespaces',
      {},
      '[ $(readlink /proc/self/ns/pid) = $(readlink /proc/1/ns/pid) ] && echo same',
      'same',
    ],
    ['the container’s cgroup', {}, 'cat /proc/self/cgroup', '0::/'],
    ['the container’s limits', {}, 'ulimit -n', '99'],
    ['no terminal', {}, 'tty', 'not a tty'],
  ]

  const container = () =>
    bench.start({
      Env: ['OF=container'],
      WorkingDir: '/tmp',
      HostConfig: { Ulimits: [{ Name: 'nofile', Soft: 99, Hard: 99 }] },
    })

  describe('a command in a container has', () => {
    test.each(CASES)('%s', async (_what, options, command, said) => {
      expect((await bench.exec(await container(), command, options)).stdout).toBe(`${said}\n`)
    })

    test('every capability when it is privileged', async () => {
      const command = 'grep CapEff /proc/self/status | cut -f 2'
      const { stdout } = await bench.exec(await container(), command, { Privileged: true })
      const all = await bench.guest('grep CapEff /proc/1/status | cut -f 2')
      expect(stdout.trim()).toBe(all)
    })
  })

  describe('a command that ends', () => {
    test.each([
      ['well', 'true', 0],
      ['with a status', 'exit 42', 42],
      ['by a signal', 'kill -9 $$', 137],
    ])('%s', async (_what, command, code) => {
      expect((await bench.exec(await bench.start(), command)).code).toBe(code)
    })

    // 126 and 127 are those of a shell; the sentence of runc comes as the command's output.
    test.each([
      ['is not there', ['nope'], 127, 'exec: "nope": executable file not found in $PATH'],
      ['cannot be executed', ['/etc/passwd'], 126, 'exec: "/etc/passwd": permission denied'],
    ])('before it began: it %s', async (_what, Cmd, code, sentence) => {
      const exec = await (await bench.start()).exec({ Cmd, ...BOTH })
      const said = await exec.start({}).then(
        async (stream) => (await bench.demux(stream)).stdout,
        (error: Error) => error.message,
      )
      expect(said).toContain(
        `OCI runtime exec failed: exec failed: unable to start container process: ${sentence}: unknown`,
      )
      expect((await exec.inspect()).ExitCode).toBe(code)
    })
  })
}

function describeExecStreams(bench: DockerBench): void {
  describe('streams of a command', () => {
    test('are apart', async () => {
      const { stdout, stderr } = await bench.exec(await bench.start(), 'echo out; echo err >&2')
      expect([stdout, stderr]).toEqual(['out\n', 'err\n'])
    })

    test('are one output alone, when no more is wanted', async () => {
      const exec = await (
        await bench.start()
      ).exec({ Cmd: words('echo out; echo err >&2'), AttachStderr: true })
      expect(await bench.demux(await exec.start({}))).toEqual({ stdout: '', stderr: 'err\n' })
    })

    test('take input until it ends', async () => {
      const exec = await (await bench.start()).exec({ Cmd: ['cat'], AttachStdin: true, ...BOTH })
      const stream = await exec.start({ hijack: true, stdin: true })
      stream.end('typed\n')
      expect((await bench.demux(stream)).stdout).toBe('typed\n')
    })

    test('are a terminal, raw', async () => {
      const exec = await (await bench.start()).exec({ Cmd: words('tty; echo $TERM'), Tty: true, ...BOTH })
      expect(await text(await exec.start({ Tty: true, hijack: true }))).toMatch(
        /^\/dev\/pts\/\d+\r\nxterm\r\n$/,
      )
    })

    test('are a terminal of the size that it is set to', async () => {
      const exec = await (
        await bench.start()
      ).exec({ Cmd: words('read line; stty size'), Tty: true, AttachStdin: true, ...BOTH })
      const stream = await exec.start({ Tty: true, hijack: true, stdin: true })
      await exec.resize({ h: 11, w: 77 })
      stream.write('\n')
      expect(await text(stream)).toBe('\r\n11 77\r\n')
    })

    test('are a terminal of the size that it is made with', async () => {
      const exec = await (await bench.start()).exec({ Cmd: ['stty', 'size'], Tty: true, ...BOTH })
      const stream = await exec.start({
        Tty: true,
        hijack: true,
        ConsoleSize: [12, 66],
      } as Docker.ExecStartOptions)
      expect(await text(stream)).toBe('12 66\r\n')
    })

    test('carry many bytes', async () => {
      const { stdout } = await bench.exec(await bench.start(), 'head -c 1000000 /dev/zero | tr "\\0" x')
      expect(stdout).toBe('x'.repeat(1_000_000))
    })

    test('are none when it is detached', async () => {
      const container = await bench.start()
      const exec = await container.exec({ Cmd: words('echo done > /done') })
      await exec.start({ Detach: true })
      expect((await bench.exec(container, 'until [ -s /done ]; do :; done; cat /done')).stdout).toBe('done\n')
    })

    test('leave the container’s log alone', async () => {
      const container = await bench.start()
      await bench.exec(container, 'echo quiet')
      await container.kill()
      expect((await bench.logs(container)).stdout).toBe('')
    })
  })
}

function describeExecState(bench: DockerBench): void {
  describe('the state of a command', () => {
    test('before it starts', async () => {
      const container = await bench.start()
      const exec = await container.exec({ Cmd: ['echo', 'a b'], User: '7', ...BOTH })
      expect(exec.id).toMatch(/^[0-9a-f]{64}$/)
      expect(await exec.inspect()).toMatchObject({
        ID: exec.id,
        Running: false,
        ExitCode: null,
        ProcessConfig: { entrypoint: 'echo', arguments: ['a b'], tty: false, privileged: false, user: '7' },
        OpenStdin: false,
        OpenStdout: true,
        OpenStderr: true,
        ContainerID: container.id,
        Pid: 0,
      })
    })

    test('while it runs, and when it has ended', async () => {
      const exec = await (await bench.start()).exec({ Cmd: ['cat'], AttachStdin: true, ...BOTH })
      const stream = await exec.start({ hijack: true, stdin: true })
      const { Running, ExitCode, Pid } = await exec.inspect()
      expect([Running, ExitCode]).toEqual([true, null])
      expect(Pid).toBeGreaterThan(1)
      stream.end()
      await bench.demux(stream)
      expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 0 })
    })

    test('is named by its container', async () => {
      const container = await bench.start()
      expect((await container.inspect()).ExecIDs).toBeNull()
      const exec = await container.exec({ Cmd: ['cat'], AttachStdin: true })
      const stream = await exec.start({ hijack: true, stdin: true })
      expect((await container.inspect()).ExecIDs).toEqual([exec.id])
      stream.end()
    })

    test('ends with its container', async () => {
      const container = await bench.start()
      const exec = await container.exec({ Cmd: ['sleep', '1000000'], ...BOTH })
      const stream = await exec.start({})
      // As with dockerd, the answer comes before the process.
      expect((await exec.inspect()).Pid).toBeGreaterThan(1)
      await container.kill()
      await bench.demux(stream)
      expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 137 })
    })
  })
}

function describeExecRefusals(bench: DockerBench): void {
  describe('a command is refused', () => {
    test('without words', async () => {
      const container = await bench.start()
      expect(await refusal(container.exec({ Cmd: [] }))).toEqual([400, 'No exec command specified'])
    })

    test('by a container that does not run', async () => {
      const container = await bench.create()
      expect(await refusal(container.exec({ Cmd: ['true'] }))).toEqual([
        409,
        `container ${container.id} is not running`,
      ])
    })

    test('by a container that is paused', async () => {
      const container = await bench.start()
      await container.pause()
      expect(await refusal(container.exec({ Cmd: ['true'] }))).toEqual([
        409,
        `Container ${container.id} is paused, unpause the container before exec`,
      ])
    })

    test('a second time', async () => {
      const exec = await (await bench.start()).exec({ Cmd: ['true'], ...BOTH })
      await bench.demux(await exec.start({}))
      const [status, sentence] = await refusal(exec.start({}))
      expect([status, sentence]).toEqual([409, `exec command ${exec.id} has already run`])
    })

    test('for a user that is not there', async () => {
      const container = await bench.start()
      expect(await refusal(container.exec({ Cmd: ['true'], User: 'ghost' }))).toEqual([
        400,
        'unable to find user ghost: no matching entries in passwd file',
      ])
    })

    test.each<[string, (exec: Docker.Exec) => Promise<unknown>]>([
      ['start', (exec) => exec.start({})],
      ['inspect', (exec) => exec.inspect()],
      ['resize', (exec) => exec.resize({ h: 1, w: 1 })],
    ])('when it is unknown: %s', async (_name, call) => {
      expect(await refusal(call(bench.docker.getExec('absent')))).toEqual([
        404,
        'No such exec instance: absent',
      ])
    })
  })
}

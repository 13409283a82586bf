import Docker from 'dockerode'
import { GenericContainer, getContainerRuntimeClient, PullPolicy } from 'testcontainers'
import { describe, expect, test } from 'vitest'
import { allLogs, says, type TestcontainersBench } from '../../support/testcontainers-bench.ts'

export function describeRunning(bench: TestcontainersBench): void {
  const docker = () => new Docker({ socketPath: bench.socketPath })
  const exists = async (id: string) =>
    (await docker().listContainers({ all: true })).some(({ Id }) => Id === id)

  describe('a container', () => {
    test('pulls its image when it is not there, and starts', async () => {
      const container = await bench.start()
      expect(await says(container, 'echo hello')).toBe('hello')
    })

    test('is gone when it is stopped', async () => {
      const container = await bench.start()
      await container.stop()
      expect(await exists(container.getId())).toBe(false)
    })

    test('stays when it is stopped without removal, and its files can be read', async () => {
      const container = await new GenericContainer('busybox')
        .withCommand(['sh', '-c', 'echo kept > /kept; sleep 1000000'])
        .withAutoRemove(false)
        .start()
      await says(container, 'until [ -s /kept ]; do :; done')
      const stopped = await container.stop({ remove: false })
      bench.undo(() => docker().getContainer(stopped.getId()).remove())
      expect(await exists(container.getId())).toBe(true)
      const archive = await stopped.copyArchiveFromContainer('/kept')
      let bytes = ''
      for await (const chunk of archive) bytes += chunk.toString()
      expect(bytes).toContain('kept\n')
    })

    test('is stopped when it goes out of scope', async () => {
      const container = await new GenericContainer('busybox').withCommand(['sleep', '1000000']).start()
      await container[Symbol.asyncDispose]()
      expect(await exists(container.getId())).toBe(false)
    })

    test('restarts, and is the same', async () => {
      const container = await bench.start()
      await says(container, 'echo mark > /mark')
      await container.restart({ timeout: 0 })
      expect(await says(container, 'cat /mark')).toBe('mark')
    })

    test('has a name, an id, labels and a host', async () => {
      const container = await bench.start((it) => it.withName('tc-named').withLabels({ a: '1' }))
      // As the engine has it: the library keeps the slash.
      expect(container.getName()).toBe('/tc-named')
      expect(container.getId()).toMatch(/^[0-9a-f]{64}$/)
      expect(container.getLabels()).toMatchObject({ a: '1', 'org.testcontainers': 'true' })
      expect(container.getHost()).toBe('127.0.0.1')
      expect(container.getHostname()).toBe(container.getId().slice(0, 12))
    })

    test('is reused while it runs', async () => {
      const make = () => new GenericContainer('busybox').withCommand(['sleep', '999999']).withReuse()
      const first = await make().start()
      bench.undo(() => first.stop())
      expect((await make().start()).getId()).toBe(first.getId())
    })

    test('is not reused when its configuration is another', async () => {
      const make = (seconds: string) =>
        new GenericContainer('busybox').withCommand(['sleep', seconds]).withReuse()
      const first = await make('999998').start()
      bench.undo(() => first.stop())
      const other = await make('999997').start()
      bench.undo(() => other.stop())
      expect(other.getId()).not.toBe(first.getId())
    })

    test('is committed to an image', async () => {
      const container = await bench.start()
      await says(container, 'echo saved > /saved')
      const id = await container.commit({ repo: 'tc-committed', tag: 'v1', changes: ['ENV A=1'] })
      bench.undo(() => docker().getImage('tc-committed:v1').remove({ force: true }))
      expect(id).toMatch(/^sha256:/)
      const other = await bench.started(
        new GenericContainer('tc-committed:v1').withCommand(['sleep', '1000000']),
      )
      expect(await says(other, 'cat /saved; echo $A')).toBe('saved\n1')
    })

    test('is pulled always when the policy says so', async () => {
      const container = await bench.start((it) => it.withPullPolicy(PullPolicy.alwaysPull()))
      expect(await says(container, 'echo pulled')).toBe('pulled')
    })

    test('of an image that is not there fails to start', async () => {
      await expect(new GenericContainer('registry.local/absent:v1').start()).rejects.toThrow(/absent/)
    })

    test('whose program is not there fails to start, with the words of runc', async () => {
      await expect(new GenericContainer('busybox').withCommand(['nope']).start()).rejects.toThrow(
        'exec: "nope": executable file not found in $PATH',
      )
    })
  })

  describe('a command in a container', () => {
    test('has output and status', async () => {
      const { output, stdout, stderr, exitCode } = await (await bench.start()).exec('sh -c exit')
      expect([output, stdout, stderr, exitCode]).toEqual(['', '', '', 0])
    })

    test('has both outputs apart, and its status', async () => {
      const container = await bench.start()
      const { stdout, stderr, exitCode } = await container.exec([
        'sh',
        '-c',
        'echo out; echo err >&2; exit 3',
      ])
      expect([stdout, stderr, exitCode]).toEqual(['out\n', 'err\n', 3])
    })

    test('has a working directory, a user and variables', async () => {
      const container = await bench.start()
      const { output } = await container.exec(['sh', '-c', 'echo $(pwd) $(id -u) $A'], {
        workingDir: '/tmp',
        user: '7',
        env: { A: 'b' },
      })
      expect(output).toBe('/tmp 7 b\n')
    })

    test('that is not there has status 127', async () => {
      const { exitCode } = await (await bench.start()).exec(['nope'])
      expect(exitCode).toBe(127)
    })
  })

  describe('logs', () => {
    test('are what the container has said', async () => {
      const container = await bench.start((it) => it.withCommand(['sh', '-c', 'echo one; echo two >&2']))
      expect((await allLogs(container)).split('\n').sort()).toEqual(['', 'one', 'two'])
    })

    test('are their last lines', async () => {
      const container = await bench.start((it) => it.withCommand(['sh', '-c', 'echo one; echo two']))
      await allLogs(container)
      let tail = ''
      for await (const chunk of await container.logs({ tail: 1 })) tail += String(chunk)
      expect(tail).toBe('two\n')
    })

    test('go to a consumer as they come', async () => {
      let said = ''
      const heard = new Promise<void>((resolve) => {
        const consumer = (stream: NodeJS.ReadableStream) =>
          stream.on('data', (line: string) => (said += line)).on('end', resolve)
        void bench.start((it) => it.withCommand(['sh', '-c', 'echo for you']).withLogConsumer(consumer))
      })
      await heard
      expect(said).toBe('for you\n')
    })
  })

  test('the library knows what it talks to', async () => {
    const { info } = await getContainerRuntimeClient()
    expect(info.containerRuntime).toMatchObject({ operatingSystemType: 'linux', cpus: 1, runtimes: ['runc'] })
  })
}

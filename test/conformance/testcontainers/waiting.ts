import { GenericContainer, Wait } from 'testcontainers'
import { describe, expect, test } from 'vitest'
import { says, type TestcontainersBench } from '../../support/testcontainers-bench.ts'

/** A server of files on a port, once it has said that it is ready. */
const server = (port: number, before = '') => [
  'sh',
  '-c',
  `mkdir /www; echo hello > /www/index.html; ${before} echo ready; httpd -f -p ${port} -h /www`,
]

export function describeWaiting(bench: TestcontainersBench): void {
  describe('a container is ready', () => {
    test('when its ports are listened on', async () => {
      const container = await bench.start((it) => it.withCommand(server(80)).withExposedPorts(80))
      const answer = await fetch(`http://${container.getHost()}:${container.getMappedPort(80)}/`)
      expect([answer.status, await answer.text()]).toEqual([200, 'hello\n'])
      expect(container.getFirstMappedPort()).toBe(container.getMappedPort('80/tcp'))
    })

    test('when it answers over HTTP as it should', async () => {
      const strategy = Wait.forHttp('/index.html', 80)
        .forStatusCode(200)
        .forResponsePredicate((body) => body === 'hello\n')
      const container = await bench.start((it) =>
        it.withCommand(server(80)).withExposedPorts(80).withWaitStrategy(strategy),
      )
      expect(container.getMappedPort(80)).toBeGreaterThan(1024)
    })

    test('when it has said something', async () => {
      const container = await bench.start((it) =>
        it.withCommand(server(80, 'echo done > /done;')).withWaitStrategy(Wait.forLogMessage('ready')),
      )
      expect(await says(container, 'cat /done')).toBe('done')
    })

    test('when it has said something as often as it should', async () => {
      const command = ['sh', '-c', 'for i in 1 2 3; do echo step $i; done; sleep 1000000']
      await bench.start((it) => it.withCommand(command).withWaitStrategy(Wait.forLogMessage(/step \d/, 3)))
    })

    test('when a command succeeds in it', async () => {
      const container = await bench.start((it) =>
        it.withCommand(server(80)).withWaitStrategy(Wait.forSuccessfulCommand('test -s /www/index.html')),
      )
      expect(await says(container, 'cat /www/index.html')).toBe('hello')
    })

    test('when it is healthy', async () => {
      const check = {
        test: ['CMD-SHELL', 'test -s /www/index.html'] as ['CMD-SHELL', string],
        interval: 250,
        timeout: 20_000,
        retries: 100,
      }
      await bench.start((it) =>
        it.withCommand(server(80)).withHealthCheck(check).withWaitStrategy(Wait.forHealthCheck()),
      )
    })

    test('when it has ended well, if it is to run once', async () => {
      const container = await bench.start((it) =>
        it.withCommand(['sh', '-c', 'echo once']).withWaitStrategy(Wait.forOneShotStartup()),
      )
      expect(container.getId()).toMatch(/^[0-9a-f]{64}$/)
    })

    test('when everything holds', async () => {
      const all = Wait.forAll([Wait.forListeningPorts(), Wait.forLogMessage('ready')])
      await bench.start((it) => it.withCommand(server(80)).withExposedPorts(80).withWaitStrategy(all))
    })
  })

  describe('a container is not ready', () => {
    test('when it is unhealthy', async () => {
      const check = { test: ['CMD', 'false'] as ['CMD', string], interval: 200, timeout: 20_000, retries: 1 }
      const start = new GenericContainer('busybox')
        .withCommand(['sleep', '1000000'])
        .withHealthCheck(check)
        .withWaitStrategy(Wait.forHealthCheck())
        .start()
      await expect(start).rejects.toThrow('Health check failed: unhealthy')
    })

    test('when it ended before it said what it should', async () => {
      const start = new GenericContainer('busybox')
        .withCommand(['sh', '-c', 'echo other'])
        .withWaitStrategy(Wait.forLogMessage('ready'))
        .start()
      await expect(start).rejects.toThrow(/Log stream ended and message "ready" was not received/)
    })

    test('when it was to run once and failed', async () => {
      const start = new GenericContainer('busybox')
        .withCommand(['sh', '-c', 'exit 3'])
        .withWaitStrategy(Wait.forOneShotStartup())
        .start()
      await expect(start).rejects.toThrow(/failed to start/)
    })
  })

  describe('ports', () => {
    test('are several, at places of their own', async () => {
      const container = await bench.start((it) =>
        it
          .withCommand(['sh', '-c', 'mkdir /www; httpd -p 80 -h /www; httpd -f -p 81 -h /www'])
          .withExposedPorts(80, 81),
      )
      expect(container.getMappedPort(80)).not.toBe(container.getMappedPort(81))
    })

    test('are where they are told to be', async () => {
      const port = { container: 80, host: 18499 }
      const container = await bench.start((it) => it.withCommand(server(80)).withExposedPorts(port))
      expect(container.getMappedPort(80)).toBe(18499)
      expect(await (await fetch('http://127.0.0.1:18499/')).text()).toBe('hello\n')
    })

    test('that are not exposed are not mapped', async () => {
      const container = await bench.start()
      expect(() => container.getMappedPort(99)).toThrow(/No port binding found for :99/)
    })
  })
}

import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { IDLE, refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

const state = async (container: Docker.Container) => (await container.inspect()).State

export function describeContainerLife(bench: DockerBench): void {
  describeStates(bench)
  describeStopping(bench)
  describeWaiting(bench)
}

function describeStates(bench: DockerBench): void {
  describe('a container', () => {
    test('is running once it has started, with times and a process', async () => {
      const { Status, Running, Pid, StartedAt, FinishedAt } = await state(await bench.start())
      expect([Status, Running, FinishedAt]).toEqual(['running', true, '0001-01-01T00:00:00Z'])
      expect(Pid).toBeGreaterThan(1)
      expect(StartedAt).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
    })

    test('that runs is not started again: 304', async () => {
      expect((await refusal((await bench.start()).start()))[0]).toBe(304)
    })

    test('that ended can be started again', async () => {
      const container = await bench.ended('echo once more')
      const gone = container.wait({ condition: 'next-exit' })
      await container.start()
      await gone
      expect((await bench.logs(container)).stdout).toBe('once more\nonce more\n')
    })

    test('is paused and goes on', async () => {
      const container = await bench.start()
      await container.pause()
      expect(await state(container)).toMatchObject({ Status: 'paused', Running: true, Paused: true })
      expect(await refusal(container.pause())).toEqual([409, `Container ${container.id} is already paused`])
      await container.unpause()
      expect(await state(container)).toMatchObject({ Status: 'running', Paused: false })
    })

    test('that is not paused cannot be unpaused', async () => {
      const container = await bench.start()
      // A plain error of daemon/unpause.go, which the API answers with 500.
      expect(await refusal(container.unpause())).toEqual([500, `Container ${container.id} is not paused`])
    })

    test('that does not run cannot be paused', async () => {
      const container = await bench.create()
      expect(await refusal(container.pause())).toEqual([409, `container ${container.id} is not running`])
    })

    test('is found by its name and by the start of its id', async () => {
      const container = await bench.create({ name: unique('found') })
      const { Name, Id } = await container.inspect()
      for (const reference of [Name.slice(1), Id.slice(0, 12)])
        expect((await bench.docker.getContainer(reference).inspect()).Id).toBe(Id)
    })
  })
}

function describeStopping(bench: DockerBench): void {
  describe('a running container', () => {
    test('is stopped by SIGTERM, to which it may answer', async () => {
      const container = await bench.start({
        Cmd: ['sh', '-c', 'trap "echo bye; exit 3" TERM; echo up; sleep 1000000 & wait'],
      })
      await bench.awaitLog(container, 'up')
      await container.stop()
      expect(await state(container)).toMatchObject({ Status: 'exited', ExitCode: 3, OOMKilled: false })
      expect((await bench.logs(container)).stdout).toBe('up\nbye\n')
    })

    test('is killed when it does not listen', async () => {
      const container = await bench.start({
        Cmd: ['sh', '-c', 'trap "" TERM; while :; do sleep 1000000; done'],
      })
      await container.stop({ t: 0 })
      expect(await state(container)).toMatchObject({ Status: 'exited', ExitCode: 137 })
    })

    test('is stopped by the signal of its configuration', async () => {
      const container = await bench.start({
        Cmd: ['sh', '-c', 'trap "exit 5" USR1; echo up; sleep 1000000 & wait'],
        StopSignal: 'SIGUSR1',
      })
      await bench.awaitLog(container, 'up')
      await container.stop()
      expect((await state(container)).ExitCode).toBe(5)
    })

    test('is stopped by the signal of the request', async () => {
      const container = await bench.start({
        Cmd: ['sh', '-c', 'trap "exit 6" USR2; echo up; sleep 1000000 & wait'],
      })
      await bench.awaitLog(container, 'up')
      await container.stop({ signal: 'USR2' })
      expect((await state(container)).ExitCode).toBe(6)
    })

    test.each([
      ['SIGKILL', undefined, 137],
      ['a number', '9', 137],
      ['SIGQUIT', 'QUIT', 131],
    ])('is killed by %s', async (_what, signal, code) => {
      // The first process of a PID namespace gets no signal it has no handler for, hence a child of an init; which has none
      // either until it has its child. The child is no shell, which would ignore SIGQUIT.
      const container = await bench.start({
        Cmd: ['tail', '-f', '/etc/passwd'],
        HostConfig: { Init: true },
      })
      await bench.awaitLog(container, 'root:')
      const gone = container.wait()
      await container.kill(signal === undefined ? {} : { signal })
      expect(await gone).toEqual({ StatusCode: code })
    })

    test('goes on after a signal that it handles', async () => {
      const container = await bench.start({
        Cmd: ['sh', '-c', 'trap "echo hup" HUP; echo up; while :; do sleep 1000000 & wait; done'],
      })
      await bench.awaitLog(container, 'up')
      await container.kill({ signal: 'SIGHUP' })
      await bench.awaitLog(container, 'hup')
      expect((await state(container)).Running).toBe(true)
    })

    test('is not killed by a signal that is none', async () => {
      const container = await bench.start()
      expect(await refusal(container.kill({ signal: 'NOPE' }))).toEqual([
        400,
        `cannot kill container: ${container.id}: invalid signal: NOPE`,
      ])
    })
  })

  describe('a container that does not run', () => {
    test('is not stopped: 304', async () => {
      expect((await refusal((await bench.ended('true')).stop()))[0]).toBe(304)
    })

    test('is not killed', async () => {
      const container = await bench.ended('true', { name: unique('ended') })
      expect(await refusal(container.kill())).toEqual([
        409,
        `cannot kill container: ${container.id}: container ${container.id} is not running`,
      ])
    })

    test('is restarted: it starts', async () => {
      const container = await bench.create({ Cmd: IDLE })
      await container.restart({ t: 0 })
      expect((await state(container)).Running).toBe(true)
    })
  })
}

function describeWaiting(bench: DockerBench): void {
  describe('waiting', () => {
    test('for a container that has ended answers at once, with its status', async () => {
      expect(await (await bench.ended('exit 9')).wait()).toEqual({ StatusCode: 9 })
    })

    // not-running holds for a container that was created and never ran.
    test('for one that never ran answers at once', async () => {
      expect(await (await bench.create()).wait()).toEqual({ StatusCode: 0 })
    })

    test('for the next exit waits for it', async () => {
      const container = await bench.ended('true')
      const gone = container.wait({ condition: 'next-exit' })
      await container.start()
      expect(await gone).toEqual({ StatusCode: 0 })
    })

    test('for the removal ends with it', async () => {
      const container = await bench.create({ Cmd: ['sh', '-c', 'exit 4'], HostConfig: { AutoRemove: true } })
      const gone = container.wait({ condition: 'removed' })
      await container.start()
      expect(await gone).toEqual({ StatusCode: 4 })
      expect((await refusal(container.inspect()))[0]).toBe(404)
    })

    test('for a condition that is none is refused', async () => {
      const container = await bench.create()
      expect(await refusal(container.wait({ condition: 'nope' as 'removed' }))).toEqual([
        400,
        'invalid condition: "nope"',
      ])
    })
  })
}

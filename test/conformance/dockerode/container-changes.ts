import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { IDLE, refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

const state = async (container: Docker.Container) => (await container.inspect()).State

export function describeContainerChanges(bench: DockerBench): void {
  describeChanging(bench)
  describeRestarting(bench)
  describeHealth(bench)
  describeRemoving(bench)
}

function describeChanging(bench: DockerBench): void {
  describe('a container changes', () => {
    test('its name', async () => {
      const container = await bench.create({ name: unique('old') })
      const name = unique('new')
      await container.rename({ name })
      expect((await container.inspect()).Name).toBe(`/${name}`)
      expect((await bench.docker.getContainer(name).inspect()).Id).toBe(container.id)
    })

    test('its name, unless it is taken, the same, or none', async () => {
      const [one, other] = [unique('one'), unique('other')]
      const container = await bench.create({ name: one })
      const { id } = await bench.create({ name: other })
      expect(await refusal(container.rename({ name: other }))).toEqual([
        409,
        `Error when allocating new name: Conflict. The container name "/${other}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
      ])
      expect(await refusal(container.rename({ name: one }))).toEqual([
        400,
        'Renaming a container with the same name as its current name',
      ])
    })

    test('its limits while it runs', async () => {
      const container = await bench.start({ HostConfig: { Memory: 32 << 20 } })
      const answer = (await container.update({
        Memory: 48 << 20,
        MemorySwap: 96 << 20,
        PidsLimit: 33,
      })) as object
      expect(answer).toEqual({ Warnings: [] })
      const files = 'cd /sys/fs/cgroup; cat memory.max pids.max'
      expect((await bench.exec(container, files)).stdout).toBe(`${48 << 20}\n33\n`)
      expect((await container.inspect()).HostConfig).toMatchObject({ Memory: 48 << 20, PidsLimit: 33 })
    })

    test('its restart policy', async () => {
      const container = await bench.create()
      await container.update({ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } })
      const { RestartPolicy } = (await container.inspect()).HostConfig
      expect(RestartPolicy).toEqual({ Name: 'on-failure', MaximumRetryCount: 2 })
    })

    test('no limit to one that is refused', async () => {
      const container = await bench.create({ HostConfig: { Memory: 32 << 20 } })
      const [status, sentence] = await refusal(container.update({ Memory: 1 << 20 }))
      expect([status, sentence]).toEqual([400, 'Minimum memory limit allowed is 6MB'])
      expect((await container.inspect()).HostConfig.Memory).toBe(32 << 20)
    })
  })
}

function describeRestarting(bench: DockerBench): void {
  describe('a restart', () => {
    test('makes another process', async () => {
      const container = await bench.start()
      const before = await state(container)
      await container.restart({ t: 1 })
      const after = await state(container)
      expect([after.Status, after.Pid === before.Pid]).toEqual(['running', false])
    })

    test('on failure happens as often as it may', async () => {
      const container = await bench.create({
        Cmd: ['sh', '-c', 'echo try; exit 2'],
        HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
      })
      const gone = container.wait({ condition: 'not-running' })
      await container.start()
      await gone
      await expect.poll(async () => (await state(container)).Status, { timeout: 60_000 }).toBe('exited')
      const { RestartCount, State } = await container.inspect()
      expect([RestartCount, State.ExitCode]).toEqual([2, 2])
      expect((await bench.logs(container)).stdout).toBe('try\ntry\ntry\n')
    })

    test('on failure does not follow success', async () => {
      const HostConfig = { RestartPolicy: { Name: 'on-failure' } }
      const { RestartCount, State } = await (await bench.ended('true', { HostConfig })).inspect()
      expect([RestartCount, State.Status]).toEqual([0, 'exited'])
    })

    test('always ends with a stop', async () => {
      const container = await bench.start({ HostConfig: { RestartPolicy: { Name: 'always' } } })
      await container.stop({ t: 0 })
      expect((await state(container)).Status).toBe('exited')
    })
  })
}

function describeHealth(bench: DockerBench): void {
  const health = async (container: Docker.Container) => (await state(container)).Health
  const checked = (test: string[]) => ({
    Healthcheck: { Test: test, Interval: 2e8, Timeout: 20e9, Retries: 2 },
  })

  describe('a health check', () => {
    test('begins with starting and finds the container healthy', async () => {
      const created = await bench.create({ Cmd: IDLE, ...checked(['CMD-SHELL', 'echo fine']) })
      await created.start()
      await expect.poll(async () => (await health(created))?.Status, { timeout: 60_000 }).toBe('healthy')
      const { FailingStreak, Log } = (await health(created))!
      expect(FailingStreak).toBe(0)
      expect(Log[0]).toMatchObject({ ExitCode: 0, Output: 'fine\n' })
    })

    test('finds it unhealthy after its retries', async () => {
      const container = await bench.start(checked(['CMD', 'sh', '-c', 'exit 1']))
      await expect.poll(async () => (await health(container))?.Status, { timeout: 60_000 }).toBe('unhealthy')
      expect((await health(container))!.FailingStreak).toBeGreaterThanOrEqual(2)
    })

    test('is none without one, and with NONE', async () => {
      expect(await health(await bench.start())).toBeUndefined()
      expect(await health(await bench.start(checked(['NONE'])))).toBeUndefined()
    })
  })
}

function describeRemoving(bench: DockerBench): void {
  describe('removal', () => {
    test('is refused while it runs', async () => {
      const container = await bench.start()
      expect(await refusal(container.remove())).toEqual([
        409,
        `cannot remove container "${container.id}": container is running: stop the container before removing or force remove`,
      ])
    })

    test('by force kills first', async () => {
      const container = await bench.start()
      await container.remove({ force: true })
      expect((await refusal(container.inspect()))[0]).toBe(404)
    })

    test('is refused while it is paused', async () => {
      const container = await bench.start()
      await container.pause()
      const reason = 'container is paused and must be unpaused first'
      expect(await refusal(container.remove())).toEqual([
        409,
        `cannot remove container "${container.id}": ${reason}`,
      ])
    })

    test('takes what anonymous volumes are its own, when it is told', async () => {
      const volumes = async () => (await bench.docker.listVolumes()).Volumes.length
      const before = await volumes()
      const container = await bench.create({ Volumes: { '/data': {} } })
      expect(await volumes()).toBe(before + 1)
      await container.remove({ v: true })
      expect(await volumes()).toBe(before)
    })

    test('frees the name', async () => {
      const name = unique('free')
      await (await bench.create({ name })).remove()
      await bench.create({ name })
    })
  })
}

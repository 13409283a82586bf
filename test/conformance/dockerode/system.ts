import { describe, expect, test } from 'vitest'
import { refusal, type DockerBench } from '../../support/docker-bench.ts'

export function describeSystem(bench: DockerBench): void {
  describeEngine(bench)
  describeDiskUsage(bench)
}

function describeEngine(bench: DockerBench): void {
  describe('the engine', () => {
    test('answers a ping', async () => {
      expect(String(await bench.docker.ping())).toBe('OK')
    })

    test('tells its versions', async () => {
      expect(await bench.docker.version()).toMatchObject({
        ApiVersion: '1.51',
        MinAPIVersion: '1.24',
        Os: 'linux',
        Arch: '386',
        KernelVersion: expect.stringMatching(/^6\.12\./) as unknown,
        Components: [{ Name: 'Engine' }, {}, {}],
      })
    })

    test('tells what it has and can', async () => {
      await bench.start()
      const info = (await bench.docker.info()) as Record<string, unknown>
      expect(info).toMatchObject({
        ContainersRunning: 1,
        Driver: 'overlay2',
        CgroupVersion: '2',
        CgroupDriver: 'cgroupfs',
        OSType: 'linux',
        NCPU: 1,
        MemoryLimit: true,
        PidsLimit: true,
        DefaultRuntime: 'runc',
        LoggingDriver: 'json-file',
        DockerRootDir: '/var/lib/docker',
        Swarm: { LocalNodeState: 'inactive' },
      })
      expect(info['SecurityOptions']).toContain('name=cgroupns')
      expect(info['Containers']).toBe((await bench.docker.listContainers({ all: true })).length)
      expect(info['Images']).toBe((await bench.docker.listImages()).length)
    })

    test('counts containers by their state', async () => {
      const counts = async () => {
        const info = (await bench.docker.info()) as Record<string, number>
        return [info['ContainersRunning']!, info['ContainersPaused']!, info['ContainersStopped']!]
      }
      const before = await counts()
      await bench.start()
      await (await bench.start()).pause()
      await bench.create()
      expect(await counts()).toEqual(before.map((count) => count + 1))
    })

    test('takes a login to a registry that asks for none', async () => {
      const answer = (await bench.docker.checkAuth({
        username: 'ann',
        password: 'x',
        serveraddress: 'registry.local',
      })) as object
      expect(answer).toMatchObject({ Status: 'Login Succeeded' })
    })

    test('is asked in older versions of the API', async () => {
      const { default: Docker } = await import('dockerode')
      const { socketPath } = bench.docker.modem as unknown as { socketPath: string }
      for (const version of ['v1.24', 'v1.41', 'v1.51'])
        expect((await new Docker({ socketPath, version }).version()).ApiVersion).toBe('1.51')
    })

    test.each([
      ['v1.99', 'client version 1.99 is too new. Maximum supported API version is 1.51'],
      [
        'v1.10',
        'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
      ],
    ])('refuses %s of the API', async (version, sentence) => {
      const { default: Docker } = await import('dockerode')
      const { socketPath } = bench.docker.modem as unknown as { socketPath: string }
      expect(await refusal(new Docker({ socketPath, version }).info())).toEqual([400, sentence])
    })

    test('has no build cache to prune', async () => {
      expect(await bench.docker.pruneBuilder()).toMatchObject({ CachesDeleted: null, SpaceReclaimed: 0 })
    })
  })
}

function describeDiskUsage(bench: DockerBench): void {
  interface Usage {
    LayersSize: number
    Images: { Id: string; Containers: number; SharedSize: number }[]
    Containers: { Id: string; SizeRw: number }[]
    Volumes: { Name: string; UsageData: { Size: number; RefCount: number } }[]
    BuildCache: unknown[]
  }
  const usage = async () => (await bench.docker.df()) as Usage

  describe('the use of the disk', () => {
    test('counts what containers have written', async () => {
      const { id } = await bench.ended('head -c 3000 /dev/zero > /big')
      expect((await usage()).Containers.find(({ Id }) => Id === id)).toMatchObject({ SizeRw: 3000 })
    })

    test('counts the containers of an image', async () => {
      const { Id } = await bench.docker.getImage('hello-world').inspect()
      await bench.create({ Image: 'hello-world' })
      expect((await usage()).Images.find((image) => image.Id === Id)).toMatchObject({ Containers: 1 })
    })

    test('counts volumes, with their users', async () => {
      const volume = await bench.volume()
      await bench.ended('head -c 2000 /dev/zero > /data/x', {
        HostConfig: { Binds: [`${volume.name}:/data`] },
      })
      const { Volumes } = await usage()
      expect(Volumes.find(({ Name }) => Name === volume.name)!.UsageData).toEqual({ Size: 2000, RefCount: 1 })
    })

    test('counts each layer once', async () => {
      const before = (await usage()).LayersSize
      await bench.tag('busybox', 'counted', 'once')
      expect((await usage()).LayersSize).toBe(before)
    })
  })
}

import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

export function describeVolumes(bench: DockerBench): void {
  describeVolumeCreation(bench)
  describeVolumeListing(bench)
  describeVolumeRemoval(bench)
}

function describeVolumeCreation(bench: DockerBench): void {
  describe('a volume', () => {
    test('is made with a name, and shows what it is', async () => {
      const name = unique('made')
      await bench.volume({ Name: name, Labels: { a: '1' } })
      const details = await bench.docker.getVolume(name).inspect()
      expect(details).toMatchObject({
        Name: name,
        Driver: 'local',
        Labels: { a: '1' },
        Mountpoint: `/var/lib/docker/volumes/${name}/_data`,
        Options: null,
        Scope: 'local',
      })
      expect((details as unknown as { CreatedAt: string }).CreatedAt).toMatch(
        /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      )
    })

    test('has a name of 64 digits when none is given, and a label that says so', async () => {
      const made = (await bench.docker.createVolume({})) as unknown as { name: string }
      bench.undo(() => bench.docker.getVolume(made.name).remove())
      expect(made.name).toMatch(/^[0-9a-f]{64}$/)
      const { Labels } = await bench.docker.getVolume(made.name).inspect()
      expect(Labels).toEqual({ 'com.docker.volume.anonymous': '' })
    })

    test('that is there already is given back as it is', async () => {
      const Name = unique('again')
      await bench.volume({ Name, Labels: { first: 'yes' } })
      await bench.docker.createVolume({ Name, Labels: { second: 'yes' } })
      expect((await bench.docker.getVolume(Name).inspect()).Labels).toEqual({ first: 'yes' })
    })

    test('keeps options of its driver', async () => {
      const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' }
      const volume = await bench.volume({ DriverOpts })
      expect((await volume.inspect()).Options).toEqual(DriverOpts)
      const HostConfig = { Binds: [`${volume.name}:/data`] }
      expect(await bench.says('df -k /data | tail -n 1 | tr -s " " | cut -d " " -f 2', { HostConfig })).toBe(
        '1024',
      )
    })

    test('is another name for a directory with o=bind', async () => {
      await bench.guest('mkdir -p /srv/bound && echo there > /srv/bound/file')
      const volume = await bench.volume({ DriverOpts: { type: 'none', device: '/srv/bound', o: 'bind' } })
      expect(await bench.says('cat /data/file', { HostConfig: { Binds: [`${volume.name}:/data`] } })).toBe(
        'there',
      )
    })

    const REFUSED: [string, Docker.VolumeCreateOptions, number, string][] = [
      [
        'a driver that is not there',
        { Name: 'refused', Driver: 'nope' },
        404,
        'create refused: error looking up volume plugin nope: plugin "nope" not found',
      ],
      [
        'a name with other characters',
        { Name: 'a/b' },
        400,
        'create a/b: "a/b" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
      ],
      [
        'a name of one character',
        { Name: 'a' },
        400,
        'create a: volume name is too short, names should be at least two alphanumeric characters',
      ],
      [
        'an unknown option',
        { Name: 'refused', DriverOpts: { nope: '1' } },
        400,
        'create refused: invalid option: "nope"',
      ],
      [
        'a type without a device',
        { Name: 'refused', DriverOpts: { type: 'tmpfs' } },
        400,
        'create refused: missing required option: "device"',
      ],
    ]
    test.each(REFUSED)('is not made with %s', async (_what, options, status, sentence) => {
      expect(await refusal(bench.docker.createVolume(options))).toEqual([status, sentence])
    })

    test('that is not there is what inspect and remove say', async () => {
      const volume = bench.docker.getVolume('absent')
      expect(await refusal(volume.inspect())).toEqual([404, 'get absent: no such volume'])
      expect(await refusal(volume.remove())).toEqual([404, 'get absent: no such volume'])
    })
  })
}

function describeVolumeListing(bench: DockerBench): void {
  describe('a list of volumes', () => {
    test('filters by every criterion', async () => {
      const [used, idle] = [unique('listed'), unique('listed')]
      await bench.volume({ Name: used, Labels: { kind: 'used' } })
      await bench.volume({ Name: idle, Labels: { kind: 'idle' } })
      await bench.create({ HostConfig: { Binds: [`${used}:/data`] } })
      const cases: [Record<string, string[]>, string[]][] = [
        [{ name: ['listed-'] }, [used, idle].sort()],
        [{ name: [used] }, [used]],
        [{ label: ['kind'] }, [used, idle].sort()],
        [{ label: ['kind=idle'] }, [idle]],
        [{ driver: ['local'], label: ['kind'] }, [used, idle].sort()],
        [{ driver: ['other'] }, []],
        [{ dangling: ['true'], label: ['kind'] }, [idle]],
        [{ dangling: ['false'], label: ['kind'] }, [used]],
      ]
      for (const [filters, names] of cases) {
        const { Volumes, Warnings } = await bench.docker.listVolumes({ filters })
        expect([filters, Volumes.map(({ Name }) => Name).sort(), Warnings]).toEqual([filters, names, null])
      }
    })

    test.each([
      ['an unknown filter', { nope: ['1'] }, "invalid filter 'nope'"],
      [
        'a value that is neither true nor false',
        { dangling: ['maybe'] },
        "invalid filter 'dangling=[maybe]'",
      ],
    ])('refuses %s', async (_what, filters: Record<string, string[]>, sentence) => {
      expect(await refusal(bench.docker.listVolumes({ filters }))).toEqual([400, sentence])
    })
  })
}

function describeVolumeRemoval(bench: DockerBench): void {
  describe('a volume', () => {
    test('in use is not removed', async () => {
      const volume = await bench.volume()
      const { id } = await bench.create({ HostConfig: { Binds: [`${volume.name}:/data`] } })
      expect(await refusal(volume.remove())).toEqual([
        409,
        `remove ${volume.name}: volume is in use - [${id}]`,
      ])
    })

    test('keeps its data when its containers are gone', async () => {
      const volume = await bench.volume()
      const HostConfig = { Binds: [`${volume.name}:/data`] }
      await (await bench.ended('echo kept > /data/file', { HostConfig })).remove({ v: true })
      expect(await bench.says('cat /data/file', { HostConfig })).toBe('kept')
    })

    test('without a name goes with the container that removes itself', async () => {
      const container = await bench.create({ Volumes: { '/data': {} }, HostConfig: { AutoRemove: true } })
      const [{ Name }] = (await container.inspect()).Mounts as unknown as [{ Name: string }]
      const gone = container.wait({ condition: 'removed' })
      await container.start()
      await gone
      expect(await refusal(bench.docker.getVolume(Name).inspect())).toEqual([
        404,
        `get ${Name}: no such volume`,
      ])
    })

    test('with a name stays when its container goes, with its volumes', async () => {
      const volume = await bench.volume()
      await (await bench.create({ HostConfig: { Binds: [`${volume.name}:/data`] } })).remove({ v: true })
      await volume.inspect()
    })
  })

  describe('pruning volumes', () => {
    test('takes those without a name that nobody has; with all=true the others too', async () => {
      const named = await bench.volume({ Labels: { prune: 'me' } })
      const anonymous = (await bench.docker.createVolume({ Labels: { prune: 'me' } })) as unknown as {
        name: string
      }
      const label = ['prune=me']
      const pruned = (filters: Record<string, string[]>) => bench.docker.pruneVolumes({ filters })
      expect((await pruned({ label })).VolumesDeleted).toEqual([anonymous.name])
      expect((await pruned({ label, all: ['true'] })).VolumesDeleted).toEqual([named.name])
    })

    test('says how many bytes that gave back', async () => {
      const volume = await bench.volume({ Labels: { prune: 'size' } })
      await bench
        .ended('head -c 4096 /dev/zero > /data/file', { HostConfig: { Binds: [`${volume.name}:/data`] } })
        .then((container) => container.remove())
      const { SpaceReclaimed } = await bench.docker.pruneVolumes({
        filters: { label: ['prune=size'], all: ['true'] },
      })
      expect(SpaceReclaimed).toBe(4096)
    })

    test('leaves what a container has', async () => {
      const volume = await bench.volume({ Labels: { prune: 'used' } })
      await bench.create({ HostConfig: { Binds: [`${volume.name}:/data`] } })
      const { VolumesDeleted } = await bench.docker.pruneVolumes({
        filters: { label: ['prune=used'], all: ['true'] },
      })
      expect(VolumesDeleted ?? []).toEqual([])
    })
  })
}

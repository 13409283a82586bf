import type Docker from 'dockerode'
import { beforeAll, describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

type Mount = Docker.MountSettings

const mounting = (mount: object): Docker.ContainerCreateOptions => ({
  HostConfig: { Mounts: [mount as Mount] },
})

export function describeMounts(bench: DockerBench): void {
  describe('mounts', () => {
    beforeAll(() => bench.guest('mkdir -p /srv/shared && echo host > /srv/shared/file'))
    describeBinds(bench)
    describeCopyUp(bench)
    describeMountSettings(bench)
    describeMountRefusals(bench)
  })
}

const mountsOf = async (container: Docker.Container) => (await container.inspect()).Mounts

function describeBinds(bench: DockerBench): void {
  describe('a bind', () => {
    test('is a directory of the host, read and written', async () => {
      const HostConfig = { Binds: ['/srv/shared:/host'] }
      expect(await bench.says('cat /host/file; echo back > /host/back', { HostConfig })).toBe('host')
      expect(await bench.guest('cat /srv/shared/back')).toBe('back')
    })

    test('is read-only with ro', async () => {
      const HostConfig = { Binds: ['/srv/shared:/host:ro'] }
      expect(await bench.says('echo x > /host/x || echo no', { HostConfig })).toBe('no')
    })

    test('is a single file', async () => {
      const HostConfig = { Binds: ['/srv/shared/file:/one'] }
      expect(await bench.says('cat /one', { HostConfig })).toBe('host')
    })

    test('makes the directory on the host that is not there', async () => {
      const HostConfig = { Binds: ['/srv/fresh/dir:/host'] }
      await bench.says('echo made > /host/file', { HostConfig })
      expect(await bench.guest('cat /srv/fresh/dir/file')).toBe('made')
    })

    test('is shown as what it is', async () => {
      const container = await bench.create({ HostConfig: { Binds: ['/srv/shared:/host:ro'] } })
      expect(await mountsOf(container)).toEqual([
        {
          Type: 'bind',
          Source: '/srv/shared',
          Destination: '/host',
          Mode: 'ro',
          RW: false,
          Propagation: 'rprivate',
        },
      ])
    })

    test('of a name is a volume, made when it is not there', async () => {
      const Name = unique('implicit')
      bench.undo(() => bench.docker.getVolume(Name).remove())
      const container = await bench.create({ HostConfig: { Binds: [`${Name}:/data:ro`] } })
      const [mount] = await mountsOf(container)
      expect(mount).toMatchObject({ Type: 'volume', Name, Driver: 'local', Destination: '/data', RW: false })
    })
  })
}

function describeCopyUp(bench: DockerBench): void {
  describe('a fresh volume', () => {
    test('gets the files that the image has there', async () => {
      const volume = await bench.volume()
      const HostConfig = { Binds: [`${volume.name}:/etc`] }
      expect(await bench.says('grep -c root /etc/passwd', { HostConfig })).toBe('1')
      expect(
        await bench.says('ls /data | grep -c passwd', { HostConfig: { Binds: [`${volume.name}:/data`] } }),
      ).toBe('1')
    })

    test('does not when it is mounted with nocopy', async () => {
      const volume = await bench.volume()
      expect(
        await bench.says('ls /var/spool | wc -l', {
          HostConfig: { Binds: [`${volume.name}:/var/spool:nocopy`] },
        }),
      ).toBe('0')
    })

    // It does so whenever the volume is empty (moby daemon/volumes_unix.go), so once more when its files are gone.
    test('does not when it has files of its own', async () => {
      const volume = await bench.volume()
      const HostConfig = { Binds: [`${volume.name}:/var/spool`] }
      await bench.says('rm -r /var/spool/mail; touch /var/spool/own', { HostConfig })
      expect(await bench.says('ls /var/spool', { HostConfig })).toBe('own')
    })

    test('has the mode and owner of the directory it covers', async () => {
      const volume = await bench.volume()
      expect(await bench.says('stat -c %a /root', { HostConfig: { Binds: [`${volume.name}:/root`] } })).toBe(
        '700',
      )
    })

    test('is not filled from a bind', async () => {
      const HostConfig = { Binds: ['/srv/empty:/var/spool'] }
      expect(await bench.says('ls /var/spool | wc -l', { HostConfig })).toBe('0')
    })

    test('without a name belongs to one container alone', async () => {
      const one = await bench.create({ Volumes: { '/data': {} } })
      const other = await bench.create({ Volumes: { '/data': {} } })
      const name = async (container: Docker.Container) => (await mountsOf(container))[0]!.Name
      expect(await name(one)).toMatch(/^[0-9a-f]{64}$/)
      expect(await name(one)).not.toBe(await name(other))
    })

    test('is shared by volumes-from', async () => {
      const owner = await bench.ended('echo shared > /data/file', { Volumes: { '/data': {} } })
      expect(await bench.says('cat /data/file', { HostConfig: { VolumesFrom: [owner.id] } })).toBe('shared')
      const HostConfig = { VolumesFrom: [`${owner.id}:ro`] }
      expect(await bench.says('echo x > /data/x || echo no', { HostConfig })).toBe('no')
    })
  })
}

function describeMountSettings(bench: DockerBench): void {
  describe('a mount of type', () => {
    test('bind is read-only when it is told', async () => {
      const mount = { Type: 'bind', Source: '/srv/shared', Target: '/host', ReadOnly: true }
      expect(await bench.says('cat /host/file; echo x > /host/x || echo no', mounting(mount))).toBe(
        'host\nno',
      )
    })

    test('volume makes its volume, with labels and options', async () => {
      const Source = unique('typed')
      const VolumeOptions = {
        Labels: { l: '1' },
        DriverConfig: { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' } },
      }
      bench.undo(() => bench.docker.getVolume(Source).remove())
      await bench.create(mounting({ Type: 'volume', Source, Target: '/data', VolumeOptions }))
      const { Labels, Options } = await bench.docker.getVolume(Source).inspect()
      expect([Labels, Options]).toEqual([{ l: '1' }, { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' }])
    })

    test('volume without a source is anonymous', async () => {
      const container = await bench.create(mounting({ Type: 'volume', Target: '/data' }))
      expect((await mountsOf(container))[0]).toMatchObject({
        Type: 'volume',
        Destination: '/data',
        Driver: 'local',
      })
      expect((await mountsOf(container))[0]!.Name).toMatch(/^[0-9a-f]{64}$/)
    })

    test('volume may show a part of it', async () => {
      const volume = await bench.volume()
      await bench.says('mkdir /data/sub; echo part > /data/sub/file', {
        HostConfig: { Binds: [`${volume.name}:/data`] },
      })
      const mount = {
        Type: 'volume',
        Source: volume.name,
        Target: '/part',
        VolumeOptions: { Subpath: 'sub' },
      }
      expect(await bench.says('cat /part/file', mounting(mount))).toBe('part')
    })

    test('tmpfs has its size and mode', async () => {
      const mount = { Type: 'tmpfs', Target: '/scratch', TmpfsOptions: { SizeBytes: 1 << 20, Mode: 0o700 } }
      const command = 'stat -c %a /scratch; df -k /scratch | tail -n 1 | tr -s " " | cut -d " " -f 2'
      expect(await bench.says(command, mounting(mount))).toBe('700\n1024')
    })
  })
}

function describeMountRefusals(bench: DockerBench): void {
  const wrong = (reason: string, type: string) => `invalid mount config for type "${type}": ${reason}`
  const REFUSED: [string, object, string][] = [
    ['an unknown type', { Type: 'nope', Target: '/x' }, wrong('mount type unknown', 'nope')],
    ['no target', { Type: 'volume' }, wrong('field Target must not be empty', 'volume')],
    [
      'the root as a target',
      { Type: 'volume', Target: '/' },
      wrong("invalid specification: destination can't be '/'", 'volume'),
    ],
    [
      'a relative target',
      { Type: 'volume', Target: 'x' },
      wrong("invalid mount path: 'x' mount path must be absolute", 'volume'),
    ],
    [
      'a bind without a source',
      { Type: 'bind', Target: '/x' },
      wrong('field Source must not be empty', 'bind'),
    ],
    [
      'a bind of what is not there',
      { Type: 'bind', Source: '/nope', Target: '/x' },
      wrong('bind source path does not exist: /nope', 'bind'),
    ],
    [
      'a bind with options of a volume',
      { Type: 'bind', Source: '/tmp', Target: '/x', VolumeOptions: {} },
      'VolumeOptions must not be specified on mount type "bind"',
    ],
    [
      'a tmpfs with a source',
      { Type: 'tmpfs', Source: '/x', Target: '/x' },
      wrong('field Source must not be specified', 'tmpfs'),
    ],
  ]

  describe('a mount is refused', () => {
    test.each(REFUSED)('with %s', async (_what, mount, sentence) => {
      expect(await refusal(bench.create(mounting(mount)))).toEqual([400, sentence])
    })
  })
}

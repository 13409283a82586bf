import { describe, expect, it } from 'vitest'
import type { ContainerCreateRequest, HostConfig } from '../../../protocol/api/engine-api.ts'
import { generateSpec } from './generate-spec.ts'
import { specInput } from './container-spec.ts'
import { testEngine } from '../../testing/test-engine.ts'

async function specOf(request: ContainerCreateRequest, files: Record<string, number> = {}) {
  const engine = testEngine()
  for (const [path, rdev] of Object.entries(files)) engine.files.put(path, '', { mode: 0o020666, rdev })
  const { record } = await engine.create(request)
  const netns = record.hostConfig.NetworkMode === 'host' ? undefined : '/run/netns/s'
  return generateSpec(await specInput(engine.context, record, netns))
}

const withHost = (HostConfig: Partial<HostConfig>) => specOf({ HostConfig })

describe('the OCI configuration of a container', () => {
  it('has Docker’s defaults', async () => {
    const { process, linux, mounts, root } = await specOf({ Cmd: ['echo', 'hi'] })
    expect(process).toMatchObject({
      args: ['echo', 'hi'],
      cwd: '/',
      env: ['PATH=/bin', expect.stringMatching(/^HOSTNAME=[0-9a-f]{12}$/)],
      user: { username: '', additionalGroups: [] },
      noNewPrivileges: false,
      rlimits: [],
    })
    expect(process?.capabilities?.bounding).toHaveLength(14)
    expect(process?.capabilities?.inheritable).toEqual([])
    expect(root).toEqual({ path: 'rootfs', readonly: false })
    expect(linux?.namespaces?.map(({ type }) => type)).toEqual([
      'mount',
      'network',
      'uts',
      'pid',
      'ipc',
      'cgroup',
    ])
    expect(linux?.sysctl).toEqual({
      'net.ipv4.ip_unprivileged_port_start': '0',
      'net.ipv4.ping_group_range': '0 2147483647',
    })
    expect(linux?.maskedPaths).toContain('/proc/kcore')
    expect(linux?.seccomp?.defaultAction).toBeDefined()
    expect(mounts?.map(({ destination }) => destination)).toEqual([
      ...['/proc', '/dev', '/dev/pts', '/sys', '/sys/fs/cgroup', '/dev/mqueue', '/dev/shm'],
      ...['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'],
    ])
  })

  it('carries every limit', async () => {
    const { linux } = await withHost({
      Memory: 32 << 20,
      MemoryReservation: 16 << 20,
      NanoCpus: 2e8,
      CpuShares: 512,
      CpusetCpus: '0',
      PidsLimit: 10,
    })
    expect(linux?.resources).toMatchObject({
      memory: { limit: 32 << 20, swap: 64 << 20, reservation: 16 << 20 },
      cpu: { quota: 20_000, period: 100_000, shares: 512, cpus: '0' },
      pids: { limit: 10 },
    })
    expect(linux?.cgroupsPath).toMatch(/^\/docker\/[0-9a-f]{64}$/)
  })

  it('throttles devices by their numbers, and names a path that is none', async () => {
    const BlkioDeviceReadBps = [{ Path: '/dev/vda', Rate: 1000 }]
    const { linux } = await specOf({ HostConfig: { BlkioDeviceReadBps } }, { '/dev/vda': 0xfe00 })
    expect(linux?.resources?.blockIO?.throttleReadBpsDevice).toEqual([{ major: 254, minor: 0, rate: 1000 }])
    await expect(withHost({ BlkioDeviceReadBps })).rejects.toThrow('stat /dev/vda: no such file or directory')
  })

  it('gives a privileged container everything but what the engine itself lacks', async () => {
    const { process, linux, mounts } = await specOf(
      { HostConfig: { Privileged: true } },
      { '/dev/fuse': 0x0ae5 },
    )
    expect(process?.capabilities?.bounding).toHaveLength(41)
    expect(linux).toMatchObject({
      maskedPaths: [],
      readonlyPaths: [],
      resources: { devices: [{ allow: true }] },
    })
    expect(linux?.seccomp).toBeUndefined()
    expect(linux?.devices).toMatchObject([{ path: '/dev/fuse', type: 'c', major: 10, minor: 229 }])
    expect(mounts?.find(({ destination }) => destination === '/sys')?.options).not.toContain('ro')
  })

  it('adds and drops capabilities by name, ALL first', async () => {
    const bounding = async (CapAdd: string[], CapDrop: string[]) =>
      (await withHost({ CapAdd, CapDrop })).process?.capabilities?.bounding
    expect(await bounding(['net_admin'], ['ALL'])).toEqual(['CAP_NET_ADMIN'])
    expect(await bounding([], ['all'])).toEqual([])
    expect(await bounding(['ALL'], ['CAP_SYS_ADMIN'])).toHaveLength(40)
    await expect(bounding(['nope'], [])).rejects.toThrow('invalid CapAdd: unknown capability: "CAP_NOPE"')
  })

  it('mounts a volume after the mount it lies in, and in place of the engine’s own', async () => {
    const { mounts } = await withHost({
      Tmpfs: { '/a/b': '', '/a': '', '/etc/hosts': '', '/dev/shm': 'size=1m' },
    })
    const destinations = mounts?.map(({ destination }) => destination) ?? []
    expect(destinations.indexOf('/a')).toBeLessThan(destinations.indexOf('/a/b'))
    expect(destinations.filter((path) => path === '/etc/hosts')).toHaveLength(1)
    expect(mounts?.find(({ destination }) => destination === '/dev/shm')?.options).toContain('size=1m')
  })

  it('binds its files of /etc read-only on a read-only root, a volume in their place as it says', async () => {
    const { mounts, root } = await withHost({ ReadonlyRootfs: true, Binds: ['/srv/hosts:/etc/hosts'] })
    const isReadOnly = (path: string) =>
      mounts?.find(({ destination }) => destination === path)?.options?.includes('ro')
    expect(root?.readonly).toBe(true)
    expect(['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'].map(isReadOnly)).toEqual([true, true, false])
    expect(['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue'].map(isReadOnly)).not.toContain(true)
  })

  it.each([
    [{}, false],
    [{ Privileged: true }, true],
    [{ SecurityOpt: ['writable-cgroups'] }, true],
    [{ SecurityOpt: ['writable-cgroups=true'] }, true],
    [{ Privileged: true, SecurityOpt: ['writable-cgroups=false'] }, false],
  ])('with %j: writable cgroups are %s', async (host, writable) => {
    const { mounts } = await specOf({ HostConfig: host }, { '/dev/null': 0x103 })
    const cgroups = mounts?.find(({ destination }) => destination === '/sys/fs/cgroup')
    expect(cgroups?.options?.includes('ro')).toBe(!writable)
  })

  it('joins the host’s namespaces where told to', async () => {
    const { linux, hostname } = await withHost({
      NetworkMode: 'host',
      PidMode: 'host',
      IpcMode: 'host',
      UTSMode: 'host',
    })
    expect(linux?.namespaces?.map(({ type }) => type)).toEqual(['mount', 'cgroup'])
    expect([hostname, linux?.sysctl]).toEqual([undefined, {}])
  })

  it('puts an init before the command', async () => {
    const { process, mounts } = await specOf({ Cmd: ['sleep', '1'], HostConfig: { Init: true } })
    expect(process?.args).toEqual(['/sbin/docker-init', '--', 'sleep', '1'])
    expect(mounts?.find(({ destination }) => destination === '/sbin/docker-init')?.options).toContain('ro')
  })
})

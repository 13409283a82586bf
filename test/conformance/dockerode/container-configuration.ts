import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { at, type DockerBench } from '../../support/docker-bench.ts'

const MIB = 1024 * 1024

type Case = [what: string, options: Docker.ContainerCreateOptions, fields: Record<string, unknown>]

/** A short form for cases that are about the HostConfig alone. */
const host = (what: string, config: Docker.HostConfig, shown: object = config): Case => [
  what,
  { HostConfig: config },
  Object.fromEntries(Object.entries(shown).map(([name, value]) => [`HostConfig.${name}`, value])),
]

const CONFIG: Case[] = [
  [
    'a command and an entrypoint',
    { Entrypoint: ['echo', 'a'], Cmd: ['b'] },
    { 'Config.Entrypoint': ['echo', 'a'], 'Config.Cmd': ['b'], Path: 'echo', Args: ['a', 'b'] },
  ],
  // strslice.StrSlice of the API: a string is a list of one.
  [
    'an entrypoint as a string',
    { Entrypoint: 'env', Cmd: ['x'] },
    { 'Config.Entrypoint': ['env'], Path: 'env' },
  ],
  // daemon/commit.go, merge: the request's own variables first, then the image's that it does not set.
  [
    'variables before those of the image',
    { Env: ['B=2', 'A=1'] },
    { 'Config.Env': ['B=2', 'A=1', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] },
  ],
  ['a variable of the image replaced', { Env: ['PATH=/bin'] }, { 'Config.Env': ['PATH=/bin'] }],
  ['a working directory', { WorkingDir: '/tmp' }, { 'Config.WorkingDir': '/tmp' }],
  ['a user', { User: 'nobody:users' }, { 'Config.User': 'nobody:users' }],
  ['labels', { Labels: { a: '1', 'com.x/y': '' } }, { 'Config.Labels': { a: '1', 'com.x/y': '' } }],
  [
    'a host name and a domain',
    { Hostname: 'box', Domainname: 'example.org' },
    { 'Config.Hostname': 'box', 'Config.Domainname': 'example.org' },
  ],
  [
    'a terminal and an open standard input',
    { Tty: true, OpenStdin: true, StdinOnce: true },
    { 'Config.Tty': true, 'Config.OpenStdin': true, 'Config.StdinOnce': true },
  ],
  [
    'a stop signal and its timeout',
    { StopSignal: 'SIGUSR1', StopTimeout: 3 },
    { 'Config.StopSignal': 'SIGUSR1', 'Config.StopTimeout': 3 },
  ],
  [
    'exposed ports',
    { ExposedPorts: { '80/tcp': {}, '53/udp': {} } },
    { 'Config.ExposedPorts': { '80/tcp': {}, '53/udp': {} } },
  ],
  ['anonymous volumes', { Volumes: { '/data': {} } }, { 'Config.Volumes': { '/data': {} } }],
  [
    'a health check',
    { Healthcheck: { Test: ['CMD', 'true'], Interval: 2e9, Timeout: 1e9, Retries: 2, StartPeriod: 3e9 } },
    {
      'Config.Healthcheck': {
        Test: ['CMD', 'true'],
        Interval: 2e9,
        Timeout: 1e9,
        Retries: 2,
        StartPeriod: 3e9,
      },
    },
  ],
  ['the shell', { Shell: ['/bin/sh', '-ec'] }, { 'Config.Shell': ['/bin/sh', '-ec'] }],
  // NetworkDisabled is the configuration's own; Docker keeps it beside the network mode.
  ['that its network is disabled', { NetworkDisabled: true }, { 'Config.NetworkDisabled': true }],
]

const HOST_CONFIG: Case[] = [
  host('a memory limit with its reservation', { Memory: 64 * MIB, MemoryReservation: 32 * MIB }),
  // daemon_unix.go, adaptContainerSettings: without another wish there is as much swap as memory.
  host('memory and swap of twice the memory', { Memory: 64 * MIB }, { MemorySwap: 128 * MIB }),
  host('unlimited swap', { Memory: 64 * MIB, MemorySwap: -1 }),
  host('CPUs', { NanoCpus: 5e8 }),
  host('a CPU period and quota', { CpuPeriod: 50_000, CpuQuota: 25_000 }),
  host('CPU shares', { CpuShares: 512 }),
  // linuxMinCPUShares and linuxMaxCPUShares are 2 and 262144: others are moved into the range.
  host('CPU shares brought into their range', { CpuShares: 1 }, { CpuShares: 2 }),
  host('a set of CPUs', { CpusetCpus: '0' }),
  host('a limit of processes', { PidsLimit: 50 }),
  host('ulimits', { Ulimits: [{ Name: 'nofile', Soft: 64, Hard: 128 }] }),
  host('devices', {
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/nil', CgroupPermissions: 'rw' }],
  }),
  host('limits of block devices', { BlkioDeviceReadBps: [{ Path: '/dev/loop0', Rate: 1024 }] }),
  host('capabilities added and dropped', { CapAdd: ['CAP_SYS_TIME'], CapDrop: ['CAP_CHOWN'] }),
  host(
    'privileges, which unmask every path',
    { Privileged: true },
    { MaskedPaths: null, ReadonlyPaths: null },
  ),
  host('name servers, search domains and options', {
    Dns: ['10.0.0.1'],
    DnsSearch: ['example.org'],
    DnsOptions: ['ndots:2'],
  }),
  host('extra hosts', { ExtraHosts: ['one:10.1.1.1'] }),
  host('groups', { GroupAdd: ['users', '7'] }),
  host('a restart policy', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 } }),
  host('binds', { Binds: ['/tmp:/host:ro'] }),
  host('tmpfs mounts', { Tmpfs: { '/run': 'size=65536k' } }),
  host('a size of /dev/shm', { ShmSize: 8 * MIB }),
  host('sysctls', { Sysctls: { 'net.ipv4.ip_forward': '0' } }),
  host('a read-only root', { ReadonlyRootfs: true }),
  host('modes of namespaces', { IpcMode: 'shareable', PidMode: 'host', UTSMode: 'host' }),
  host('an OOM score', { OomScoreAdj: 300 }),
  host('options of its logs', { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } }),
  host('published ports', { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } }),
  host('security options', { SecurityOpt: ['no-new-privileges'] }),
  host('paths that are masked and read-only', { MaskedPaths: ['/proc/kcore'], ReadonlyPaths: [] }),
  host('that it removes itself', { AutoRemove: true }),
  host('an init process', { Init: true }),
]

/** Values of a HostConfig nobody wrote: the API reference, and dockerd's adaptContainerSettings. */
const DEFAULTS: Record<string, unknown> = {
  NetworkMode: 'bridge',
  IpcMode: 'private',
  CgroupnsMode: 'private',
  ShmSize: 64 * MIB,
  Runtime: 'runc',
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  LogConfig: { Type: 'json-file', Config: {} },
  Memory: 0,
  MemorySwap: 0,
  PidsLimit: null,
  Privileged: false,
  ReadonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
}

export function describeContainerConfiguration(bench: DockerBench): void {
  describe('creation keeps', () => {
    test.each([...CONFIG, ...HOST_CONFIG])('%s', async (_what, options, fields) => {
      const details = await (await bench.create(options)).inspect()
      const shown = Object.fromEntries(Object.keys(fields).map((path) => [path, at(details, path)]))
      expect(shown).toEqual(fields)
    })
  })

  describe('creation fills in', () => {
    test('defaults of the HostConfig', async () => {
      const { HostConfig } = await (await bench.create()).inspect()
      expect(HostConfig).toMatchObject(DEFAULTS)
    })

    test('the start of its id as the host name', async () => {
      const { Id, Config } = await (await bench.create()).inspect()
      expect(Id).toMatch(/^[0-9a-f]{64}$/)
      expect(Config.Hostname).toBe(Id.slice(0, 12))
    })

    test('a name of two words', async () => {
      const { Name } = await (await bench.create()).inspect()
      expect(Name).toMatch(/^\/[a-z]+_[a-z]+\d?$/)
    })

    test('the command of the image', async () => {
      const container = await bench.docker.createContainer({ Image: 'busybox' })
      bench.undo(() => container.remove())
      const { Config, Path } = await container.inspect()
      expect([Config.Cmd, Config.Entrypoint, Path]).toEqual([['sh'], null, 'sh'])
    })

    test('the state of a container that never ran', async () => {
      const { State, RestartCount, Image } = await (await bench.create()).inspect()
      const never = '0001-01-01T00:00:00Z'
      expect(State).toMatchObject({ Status: 'created', Running: false, Paused: false, Pid: 0, ExitCode: 0 })
      expect([State.StartedAt, State.FinishedAt, RestartCount]).toEqual([never, never, 0])
      expect(Image).toBe((await bench.docker.getImage('busybox').inspect()).Id)
    })
  })
}

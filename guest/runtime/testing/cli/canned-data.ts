/** The objects of the tests' canned engine: three containers, three images, networks, volumes. Test data only. */
const id = (digit: string): string => digit.repeat(64)

export const WEB = `4f1c${id('a')}`.slice(0, 64)
export const DB = `9b2e${id('b')}`.slice(0, 64)
export const JOB = `07d3${id('c')}`.slice(0, 64)
export const NEW = `c0ffee${id('d')}`.slice(0, 64)
export const EXEC = `ec${id('e')}`.slice(0, 64)
export const NGINX = `sha256:${`11aa${id('1')}`.slice(0, 64)}`
export const BUSYBOX = `sha256:${`22bb${id('2')}`.slice(0, 64)}`
export const DANGLING = `sha256:${`33cc${id('3')}`.slice(0, 64)}`
export const DIGEST = `sha256:${`44dd${id('4')}`.slice(0, 64)}`
export const NETWORK = `55ee${id('5')}`.slice(0, 64)

const MINUTE = 60
const HOUR = 3600
const DAY = 86400

/** @param now seconds since the epoch: ages stay the same whenever the tests run */
export function containers(now: number) {
  return [
    {
      Id: WEB,
      Names: ['/web'],
      Image: 'nginx:latest',
      ImageID: NGINX,
      Command: "/docker-entrypoint.sh nginx -g 'daemon off;'",
      Created: now - 2 * HOUR,
      Ports: [
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { PrivatePort: 443, Type: 'tcp' },
        { PrivatePort: 444, Type: 'tcp' },
      ],
      Labels: { tier: 'front', 'com.example.some-key': 'value' },
      State: 'running',
      Status: 'Up 2 hours (healthy)',
      SizeRw: 1093,
      SizeRootFs: 187_650_000,
      HostConfig: { NetworkMode: 'bridge' },
      NetworkSettings: { Networks: { bridge: { NetworkID: NETWORK, IPAddress: '172.17.0.2' } } },
      Mounts: [
        {
          Type: 'volume',
          Name: 'web-content-volume',
          Source: '',
          Destination: '/usr/share/nginx/html',
          Driver: 'local',
          Mode: 'z',
          RW: true,
          Propagation: '',
        },
        {
          Type: 'bind',
          Source: '/etc/hosts',
          Destination: '/h',
          Mode: 'ro',
          RW: false,
          Propagation: 'rprivate',
        },
      ],
    },
    {
      Id: DB,
      Names: ['/db', '/web/db'],
      Image: 'redis',
      ImageID: `sha256:${id('6')}`,
      Command: 'redis-server',
      Created: now - 3 * DAY,
      Ports: [],
      Labels: {},
      State: 'exited',
      Status: 'Exited (0) 2 minutes ago',
      HostConfig: { NetworkMode: 'bridge' },
      NetworkSettings: { Networks: {} },
      Mounts: [],
    },
    {
      Id: JOB,
      Names: ['/job'],
      Image: '22bb22222222',
      ImageID: BUSYBOX,
      Command: 'sh',
      Created: now - 61,
      Ports: [{ IP: '127.0.0.1', PrivatePort: 7000, PublicPort: 7000, Type: 'udp' }],
      Labels: { tier: 'back' },
      State: 'paused',
      Status: 'Up About a minute (Paused)',
      HostConfig: { NetworkMode: 'none' },
      NetworkSettings: { Networks: { none: {} } },
      Mounts: [],
    },
  ]
}

export function images(now: number) {
  return [
    {
      Id: NGINX,
      ParentId: '',
      RepoTags: ['nginx:latest'],
      RepoDigests: [`nginx@${DIGEST}`],
      Created: now - 45 * DAY,
      Size: 187_650_000,
      SharedSize: 74_800_000,
      Containers: 1,
      Labels: null,
    },
    {
      Id: BUSYBOX,
      ParentId: '',
      RepoTags: ['busybox:latest'],
      RepoDigests: [],
      Created: now - 800 * DAY,
      Size: 4_261_550,
      SharedSize: 0,
      Containers: 0,
      Labels: { a: 'b' },
    },
    {
      Id: DANGLING,
      ParentId: '',
      RepoTags: [],
      RepoDigests: [],
      Created: now - 5 * MINUTE,
      Size: 999_950,
      SharedSize: 0,
      Containers: 0,
      Labels: null,
    },
  ]
}

export const CONTAINER_INSPECT = {
  Id: WEB,
  Created: '2024-05-01T10:00:00.123456789Z',
  Path: 'nginx',
  Args: ['-g', 'daemon off;'],
  State: {
    Status: 'running',
    Running: true,
    Paused: false,
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    Pid: 4242,
    ExitCode: 0,
    Error: '',
    StartedAt: '2024-05-01T10:00:01Z',
    FinishedAt: '0001-01-01T00:00:00Z',
  },
  Image: NGINX,
  Name: '/web',
  RestartCount: 0,
  Driver: 'overlay2',
  Platform: 'linux',
  HostConfig: { Binds: null, NetworkMode: 'bridge', AutoRemove: false, Memory: 33554432 },
  Mounts: [],
  Config: {
    Hostname: 'web',
    User: '',
    AttachStdin: false,
    Tty: false,
    OpenStdin: true,
    Env: ['PATH=/bin', 'A=<b>'],
    Cmd: ['nginx', '-g', 'daemon off;'],
    Image: 'nginx',
    WorkingDir: '',
    Entrypoint: null,
    Labels: { zebra: '1', apple: '2' },
  },
  NetworkSettings: {
    Ports: {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '443/tcp': null,
    },
    Networks: { bridge: { NetworkID: NETWORK, IPAddress: '172.17.0.2', Gateway: '172.17.0.1' } },
  },
}

/** The configuration of the container `checked`. */
export const CHECKED = {
  Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9, Timeout: 50e6, StartPeriod: 90e9, Retries: 3 },
  Labels: { 'a.b': 'dotted', plain: 'x' },
}

export const IMAGE_INSPECT = {
  Id: NGINX,
  RepoTags: ['nginx:latest'],
  RepoDigests: [`nginx@${DIGEST}`],
  Created: '2024-04-01T00:00:00Z',
  Architecture: '386',
  Os: 'linux',
  Size: 187650000,
  RootFS: { Type: 'layers', Layers: [DIGEST] },
  Config: { Env: ['PATH=/bin'], Cmd: ['nginx'], Labels: null },
}

export const NETWORKS = [
  {
    Name: 'host',
    Id: `66${id('6')}`.slice(0, 64),
    Created: '2024-05-01T10:00:00.5Z',
    Scope: 'local',
    Driver: 'host',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Options: {},
    Labels: {},
  },
  {
    Name: 'bridge',
    Id: NETWORK,
    Created: '2024-05-01T10:00:00.123456789Z',
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Options: { 'com.docker.network.bridge.name': 'docker0' },
    Labels: { env: 'test' },
  },
]

export const VOLUMES = [
  {
    Name: 'data10',
    Driver: 'local',
    Mountpoint: '/var/lib/docker/volumes/data10/_data',
    CreatedAt: '2024-05-01T10:00:00Z',
    Labels: { keep: 'yes' },
    Scope: 'local',
    Options: null,
    UsageData: { Size: 2_500_000, RefCount: 0 },
  },
  {
    Name: 'data2',
    Driver: 'local',
    Mountpoint: '/var/lib/docker/volumes/data2/_data',
    CreatedAt: '2024-05-01T10:00:00Z',
    Labels: null,
    Scope: 'local',
    Options: null,
    UsageData: { Size: 0, RefCount: 1 },
  },
]

export const STATS = {
  id: WEB,
  name: '/web',
  read: '2024-05-01T10:00:01Z',
  preread: '2024-05-01T10:00:00Z',
  num_procs: 0,
  pids_stats: { current: 3, limit: 100 },
  cpu_stats: {
    cpu_usage: { total_usage: 250_000_000, usage_in_kernelmode: 0, usage_in_usermode: 0 },
    system_cpu_usage: 2_000_000_000,
    online_cpus: 2,
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  },
  precpu_stats: {
    cpu_usage: { total_usage: 50_000_000, usage_in_kernelmode: 0, usage_in_usermode: 0 },
    system_cpu_usage: 1_000_000_000,
    online_cpus: 2,
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  },
  memory_stats: { usage: 12_582_912, limit: 33_554_432, stats: { inactive_file: 2_097_152 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'read', value: 4_096_000 },
      { major: 8, minor: 0, op: 'write', value: 8_192 },
    ],
  },
  storage_stats: {},
  networks: { eth0: { rx_bytes: 1_266, tx_bytes: 826_000 }, eth1: { rx_bytes: 0, tx_bytes: 0 } },
}

export const VERSION = {
  Platform: { Name: 'Porthole' },
  Components: [
    {
      Name: 'Engine',
      Version: '28.5.2',
      Details: {
        ApiVersion: '1.51',
        Arch: '386',
        BuildTime: '2024-05-01T10:00:00.000000000+00:00',
        Experimental: 'false',
        GitCommit: 'abc1234',
        GoVersion: 'node20',
        KernelVersion: '6.12.0',
        MinAPIVersion: '1.24',
        Os: 'linux',
      },
    },
    { Name: 'launcher', Version: '0.1.0', Details: { GitCommit: 'def5678', Abc: 'x' } },
  ],
  Version: '28.5.2',
  ApiVersion: '1.51',
  MinAPIVersion: '1.24',
  GitCommit: 'abc1234',
  GoVersion: 'node20',
  Os: 'linux',
  Arch: '386',
  KernelVersion: '6.12.0',
  BuildTime: '2024-05-01T10:00:00.000000000+00:00',
}

export const INFO = {
  ID: 'abcd',
  Containers: 3,
  ContainersRunning: 1,
  ContainersPaused: 1,
  ContainersStopped: 1,
  Images: 3,
  Driver: 'overlay2',
  DriverStatus: [
    ['Backing Filesystem', 'tmpfs'],
    ['Native Overlay Diff', 'true'],
  ],
  Plugins: {
    Volume: ['local'],
    Network: ['bridge', 'host', 'null'],
    Authorization: null,
    Log: ['json-file', 'none'],
  },
  MemoryLimit: true,
  SwapLimit: true,
  Debug: false,
  SystemTime: '2024-05-01T10:00:00Z',
  LoggingDriver: 'json-file',
  CgroupDriver: 'cgroupfs',
  CgroupVersion: '2',
  KernelVersion: '6.12.0',
  OperatingSystem: 'Porthole (Debian trixie)',
  OSVersion: '13',
  OSType: 'linux',
  Architecture: 'i686',
  IndexServerAddress: 'https://index.docker.io/v1/',
  RegistryConfig: {
    IndexConfigs: {
      'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true },
      'registry.local': { Name: 'registry.local', Mirrors: [], Secure: false, Official: false },
    },
    InsecureRegistryCIDRs: ['127.0.0.0/8'],
    Mirrors: ['https://mirror.example/'],
  },
  NCPU: 1,
  MemTotal: 262_144_000,
  DockerRootDir: '/var/lib/docker',
  Name: 'porthole',
  Labels: ['a=b'],
  ExperimentalBuild: false,
  ServerVersion: '28.5.2',
  Runtimes: { launcher: { path: '/usr/lib/porthole/launcher' } },
  DefaultRuntime: 'launcher',
  Swarm: { LocalNodeState: 'inactive', ControlAvailable: false },
  LiveRestoreEnabled: true,
  InitBinary: 'docker-init',
  ContainerdCommit: { ID: 'c1' },
  RuncCommit: { ID: 'r1' },
  InitCommit: { ID: 'i1' },
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
  CDISpecDirs: ['/etc/cdi'],
  Warnings: ['WARNING: No swap limit support'],
}

export const HISTORY = (now: number) => [
  {
    Id: NGINX,
    Created: now - 45 * DAY,
    CreatedBy: 'CMD ["nginx" "-g" "daemon off;"]',
    Tags: ['nginx:latest'],
    Size: 0,
    Comment: 'buildkit.dockerfile.v0',
  },
  {
    Id: '<missing>',
    Created: now - 46 * DAY,
    CreatedBy: '/bin/sh -c apt-get update &&\tapt-get install -y --no-install-recommends nginx',
    Tags: null,
    Size: 112_000_000,
    Comment: '',
  },
]

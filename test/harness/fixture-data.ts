/** Invented answers of the fixture engine, in Docker's shapes. */
import type {
  ContainerStats,
  ContainerSummary,
  ImageHistoryItem,
  NamespacesReport,
} from '../../guest/protocol/api/engine-api.ts'
import type { ContainerStateName } from '../../guest/protocol/states/container-states.ts'

const MIB = 1 << 20
const hex = (seed: number) =>
  Array.from({ length: 64 }, (_, i) => ((seed * 7 + i * 13 + seed * i) % 16).toString(16)).join('')

const LAYER = {
  busybox: `sha256:${hex(21)}`,
  debian: `sha256:${hex(22)}`,
  nginx: `sha256:${hex(23)}`,
  conf: `sha256:${hex(24)}`,
  redis: `sha256:${hex(25)}`,
}
const IMAGES = [
  {
    id: `sha256:${hex(1)}`,
    tag: 'busybox:latest',
    size: 1.2 * MIB,
    layers: [LAYER.busybox],
    cmd: ['sh'],
    ports: [],
  },
  {
    id: `sha256:${hex(2)}`,
    tag: 'nginx:latest',
    size: 31.4 * MIB,
    layers: [LAYER.debian, LAYER.nginx, LAYER.conf],
    cmd: ['nginx', '-g', 'daemon off;'],
    ports: ['80/tcp'],
  },
  {
    id: `sha256:${hex(3)}`,
    tag: 'debian:trixie',
    size: 24.1 * MIB,
    layers: [LAYER.debian],
    cmd: ['bash'],
    ports: [],
  },
]

interface Spec {
  id: string
  name: string
  image: number
  command: string
  state: ContainerStateName
  status: string
  port?: [number, number]
  memory?: number
  cpus?: number
  pids?: number
  exit?: number
  oom?: boolean
}

const CONTAINERS: Spec[] = [
  {
    id: hex(11),
    name: 'web',
    image: 1,
    command: '"nginx -g \'daemon off;\'"',
    state: 'running',
    status: 'Up 3 minutes',
    port: [8080, 80],
  },
  {
    id: hex(12),
    name: 'small',
    image: 0,
    command: '"sh -c \'while :; do :; done\'"',
    state: 'running',
    status: 'Up 2 minutes',
    memory: 32 * MIB,
    cpus: 0.2,
    pids: 10,
  },
  {
    id: hex(13),
    name: 'dreamy_torvalds',
    image: 0,
    command: '"sleep 3600"',
    state: 'paused',
    status: 'Up About a minute (Paused)',
    pids: 64,
  },
  {
    id: hex(14),
    name: 'hungry',
    image: 0,
    command: '"dd if=/dev/zero of=/dev/shm/x bs=1M count=64"',
    state: 'exited',
    status: 'Exited (137) 20 seconds ago',
    memory: 32 * MIB,
    exit: 137,
    oom: true,
  },
  {
    id: hex(15),
    name: 'once',
    image: 2,
    command: '"echo done"',
    state: 'exited',
    status: 'Exited (0) 5 minutes ago',
    exit: 0,
  },
  { id: hex(16), name: 'prepared', image: 2, command: '"bash"', state: 'created', status: 'Created' },
]

const summary = (spec: Spec): ContainerSummary => ({
  Id: spec.id,
  Names: [`/${spec.name}`],
  Image: IMAGES[spec.image]!.tag.replace(':latest', ''),
  ImageID: IMAGES[spec.image]!.id,
  Command: spec.command,
  Created: 1795348800,
  Ports: spec.port
    ? [{ IP: '0.0.0.0', PrivatePort: spec.port[1], PublicPort: spec.port[0], Type: 'tcp' }]
    : [],
  Labels: {},
  State: spec.state,
  Status: spec.status,
  HostConfig: { NetworkMode: 'default' },
  NetworkSettings: { Networks: {} },
  Mounts: [],
})

const inspect = (spec: Spec) => ({
  ...summary(spec),
  Name: `/${spec.name}`,
  State: {
    Status: spec.state,
    ExitCode: spec.exit ?? 0,
    OOMKilled: spec.oom ?? false,
    Pid: 241,
    Running: spec.state === 'running',
    StartedAt:
      spec.state === 'created' ? '0001-01-01T00:00:00Z' : new Date(Date.now() - 200_000).toISOString(),
    FinishedAt:
      spec.exit === undefined ? '0001-01-01T00:00:00Z' : new Date(Date.now() - 20_000).toISOString(),
  },
  HostConfig: {
    Memory: spec.memory ?? 0,
    NanoCpus: (spec.cpus ?? 0) * 1e9,
    CpuQuota: 0,
    CpuPeriod: 0,
    PidsLimit: spec.pids ?? null,
    CpusetCpus: '',
  },
  Config: { Tty: false },
  Mounts: [
    {
      Type: 'volume',
      Name: 'data',
      Source: '/var/lib/docker/volumes/data/_data',
      Destination: '/data',
      RW: true,
      Mode: '',
      Propagation: '',
    },
  ],
  GraphDriver: {
    Name: 'overlay2',
    Data: {
      LowerDir: '/run/porthole/layers/2f1c:/run/porthole/layers/9a0b',
      UpperDir: `/var/lib/docker/overlay2/${spec.id.slice(0, 12)}/diff`,
      MergedDir: `/var/lib/docker/overlay2/${spec.id.slice(0, 12)}/merged`,
    },
  },
})

const imageInspect = (image: (typeof IMAGES)[number]) => ({
  Id: image.id,
  RepoTags: [image.tag],
  RepoDigests: [],
  RootFS: { Type: 'layers', Layers: image.layers },
  Config: { Cmd: image.cmd, ExposedPorts: Object.fromEntries(image.ports.map((port) => [port, {}])) },
})

const history = (image: (typeof IMAGES)[number]): ImageHistoryItem[] => {
  const step = (CreatedBy: string, Size: number) => ({
    Id: '<missing>',
    Created: 1795348800,
    CreatedBy,
    Size,
    Tags: null,
    Comment: '',
  })
  const cmd = step(`CMD ${JSON.stringify(image.cmd)}`, 0)
  if (image.tag.startsWith('busybox'))
    return [cmd, step('BusyBox 1.37.0 (musl), Debian 1:1.37.0-6', 1.2 * MIB)]
  const debian = step('ADD debian trixie minbase, 52 packages', 24.1 * MIB)
  if (image.tag.startsWith('debian')) return [cmd, debian]
  return [
    cmd,
    step('EXPOSE map[80/tcp:{}]', 0),
    step('COPY default.conf /etc/nginx/conf.d/', 2048),
    step('RUN apt-get install -y nginx-light', 7.3 * MIB),
    debian,
  ]
}

const namespaces = (): NamespacesReport => {
  const guest = {
    mnt: 4026531841,
    uts: 4026531838,
    ipc: 4026531839,
    pid: 4026531836,
    net: 4026531833,
    user: 4026531837,
    cgroup: 4026531835,
    time: 4026531834,
  }
  const own = (start: number) => ({
    ...guest,
    mnt: start,
    uts: start + 1,
    ipc: start + 2,
    pid: start + 3,
    net: start + 4,
    cgroup: start + 5,
  })
  return {
    members: [
      { kind: 'guest', id: '', name: 'guest', pid: 1, namespaces: guest },
      { kind: 'engine', id: '', name: 'engine', pid: 61, namespaces: guest },
      { kind: 'container', id: hex(11), name: 'web', pid: 241, namespaces: own(4026532201) },
      { kind: 'container', id: hex(12), name: 'small', pid: 312, namespaces: own(4026532270) },
      {
        kind: 'container',
        id: hex(13),
        name: 'dreamy_torvalds',
        pid: 355,
        namespaces: { ...own(4026532341), net: 4026532205 },
      },
    ],
  }
}

const timeline = () => ({
  id: hex(11),
  steps: [
    ['shim', 'mkdir', { path: '/sys/fs/cgroup/docker/7a31' }, 41_000],
    ['shim', 'write', { path: '/sys/fs/cgroup/docker/7a31/memory.max', data: '33554432' }, 22_000],
    [
      'shim',
      'mount',
      { source: 'overlay', target: '/var/lib/docker/overlay2/7a31/merged', type: 'overlay' },
      1_900_000,
    ],
    [
      'shim',
      'clone3',
      { flags: ['CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWNET', 'CLONE_INTO_CGROUP'] },
      6_400_000,
    ],
    ['init', 'mount', { source: 'proc', target: '/proc', type: 'proc' }, 310_000],
    ['init', 'pivot_root', { new: '.', old: '.' }, 130_000],
    ['init', 'seccomp', { program: '…' }, 220_000],
    ['init', 'execve', { path: '/usr/sbin/nginx', argv: ['nginx', '-g', 'daemon off;'] }, 9_800_000],
  ].map(([role, op, plan, nanoseconds], step) => ({ role, op, plan, nanoseconds, step, result: 0 })),
})

export function answerFor(method: string, path: string): unknown {
  if (method === 'POST' && path.endsWith('/exec'))
    return { Id: path === '/porthole/exec' ? 'guest' : 'inside' }
  if (method !== 'GET') return undefined
  const container = CONTAINERS.find(
    ({ id }) => path.startsWith(`/containers/${id}`) || path.includes(`/containers/${id}/`),
  )
  const image = IMAGES.find(({ id, tag }, index) =>
    // What the builder makes looks like the first.
    [id, tag, tag.replace(/:latest$/, ''), ...(index === 0 ? ['my-image'] : [])].some((name) =>
      decodeURIComponent(path).startsWith(`/images/${name}/`),
    ),
  )
  if (path === '/containers/json') return CONTAINERS.map(summary)
  if (path === '/images/json')
    return IMAGES.map(({ id, tag, size }) => ({
      Id: id,
      RepoTags: [tag],
      RepoDigests: [],
      Created: 1795348800,
      Size: size,
    }))
  if (path === '/porthole/namespaces') return namespaces()
  if (path === '/porthole/catalogue')
    return ['redis', 'python', 'hello-world', 'busybox'].map((name, i) => ({
      reference: `docker.io/library/${name}:latest`,
      size: (i === 2 ? 0.006 : 9 - i * 2) * MIB,
    }))
  if (path === '/info') return { MemTotal: 256 * MIB, NCPU: 1 }
  if (path === '/version') return { Version: '0.1.0', ApiVersion: '1.51', KernelVersion: '6.12.57' }
  if (path.endsWith('/timeline')) return timeline()
  if (path.endsWith('/top'))
    return {
      Titles: ['UID', 'PID', 'PPID', 'STIME', 'CMD'],
      Processes: [
        ['root', '241', '236', '12:00', 'nginx: master process'],
        ['www-data', '249', '241', '12:00', 'nginx: worker process'],
      ],
    }
  if (container) return inspect(container)
  if (image) return path.endsWith('/history') ? history(image) : imageInspect(image)
  return undefined
}

/** Memory climbs to the limit, processor time presses against its quota. */
export function statsSample(id: string, second: number): Partial<ContainerStats> {
  const spec = CONTAINERS.find((container) => container.id === id)
  const limited = spec?.memory !== undefined
  const memory = limited
    ? Math.min(0.97, 0.25 + second / 110) * spec.memory!
    : (11 + Math.sin(second / 9) * 1.5) * MIB
  const busy = limited ? 0.2 : 0.04 + 0.03 * Math.sin(second / 4)
  const usage = Math.round(1e9 * (second * busy))
  const cpu = {
    cpu_usage: { total_usage: usage, usage_in_kernelmode: 0, usage_in_usermode: usage },
    throttling_data: {
      periods: second * 10,
      throttled_periods: limited ? Math.floor(second / 12) : 0,
      throttled_time: 0,
    },
  }
  return {
    read: new Date(Date.UTC(2026, 10, 22, 12, 0, second)).toISOString(),
    cpu_stats: cpu,
    memory_stats: { usage: Math.round(memory), limit: spec?.memory ?? 256 * MIB },
    pids_stats: { current: limited ? 9 : 2 },
    networks: undefined,
  }
}

export function terminalText(path: string): string {
  if (path.includes('inside')) return '/ # '
  const green = (text: string) => `\x1b[32m${text}\x1b[0m`
  return [
    `\x1b[1mPorthole\x1b[0m: Linux 6.12.57 on i686. Try ${green('docker run -it --rm busybox sh')}`,
    '',
    `${green('root@porthole')}:\x1b[34m~\x1b[0m# docker run -d --name web -p 8080:80 nginx`,
    '7a31f0c5d2b948e6',
    `${green('root@porthole')}:\x1b[34m~\x1b[0m# docker ps`,
    'CONTAINER ID   IMAGE     COMMAND                  STATUS         PORTS                  NAMES',
    `\x1b]8;;porthole:container/${hex(11)}\x1b\\7a31f0c5d2b9\x1b]8;;\x1b\\   nginx     "nginx -g 'daemon of…"   Up 3 minutes   0.0.0.0:8080->80/tcp   web`,
    `${green('root@porthole')}:\x1b[34m~\x1b[0m# curl -s http://localhost:8080/ | head -1`,
    '<h1>Welcome to nginx! 欢迎</h1>',
    `${green('root@porthole')}:\x1b[34m~\x1b[0m# `,
  ].join('\r\n')
}

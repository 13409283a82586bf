/** The mounts of a Docker container, in the order in which they are made. Source: moby, oci/defaults.go. */
import type { OciMount } from '../../oci/spec.ts'
import type { SpecInput } from './spec-input.ts'
import { parseSecurityOptions } from './spec-security.ts'

const SYSTEM_MOUNTS: readonly OciMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['ro', 'nosuid', 'noexec', 'nodev'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
]
// They are the same in every plan.
for (const mount of SYSTEM_MOUNTS) Object.freeze(mount)

/**
 * Whether /sys or the cgroups are writable: `--privileged` makes both so; `--security-opt writable-cgroups` decides
 * over the latter.
 */
function isWritable({ record: { hostConfig } }: SpecInput, { destination }: OciMount): boolean {
  const { Privileged, SecurityOpt } = hostConfig
  if (destination === '/sys/fs/cgroup') return parseSecurityOptions(SecurityOpt).writableCgroups ?? Privileged
  return Privileged && destination === '/sys'
}

export const INIT_PATH = '/sbin/docker-init'

function shm(input: SpecInput): OciMount[] {
  const options = ['nosuid', 'noexec', 'nodev']
  const { ShmSize: size, IpcMode: mode } = input.record.hostConfig
  if (mode === 'none') return []
  if (input.shmSource !== undefined) {
    return [
      {
        destination: '/dev/shm',
        type: 'bind',
        source: input.shmSource,
        options: ['rbind', 'rprivate', ...options],
      },
    ]
  }
  return [
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: [...options, 'mode=1777', `size=${size}`],
    },
  ]
}

/**
 * Binds hostname, hosts and resolv.conf, which Docker writes itself, over the image's; a volume on the same path wins.
 * With a read-only root they are read-only too (moby, container/container_unix.go, NetworkMounts).
 */
function etc(input: SpecInput): OciMount[] {
  const readOnly = input.record.hostConfig.ReadonlyRootfs ? ['ro'] : []
  const bind = (destination: string, source: string): OciMount => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', ...readOnly, 'rprivate'],
  })
  return [
    bind('/etc/resolv.conf', input.etc.resolvConf),
    bind('/etc/hostname', input.etc.hostname),
    bind('/etc/hosts', input.etc.hosts),
  ]
}

const depth = (path: string) => path.split('/').filter(Boolean).length

export function specMounts(input: SpecInput): OciMount[] {
  const { hostConfig, mounts } = input.record
  const own = mounts.map(({ destination, type, source, options, subpath, image }) => ({
    ...{ destination, type, source, options },
    ...(subpath !== undefined && { subpath }),
    ...(image !== undefined && { layers: input.imageLayers[image]! }),
  }))
  const taken = new Set(own.map(({ destination }) => destination.replace(/\/+$/, '') || '/'))
  const system = [...SYSTEM_MOUNTS, ...shm(input)].map((mount) =>
    isWritable(input, mount)
      ? { ...mount, options: mount.options!.filter((option) => option !== 'ro') }
      : mount,
  )
  const init: OciMount[] = hostConfig.Init
    ? [
        {
          destination: INIT_PATH,
          type: 'bind',
          source: input.initBinary,
          options: ['bind', 'ro', 'rprivate'],
        },
      ]
    : []
  // A mount must come after those that it lies in; mounts of one depth keep their order.
  const volumes = [...etc(input), ...init].filter(({ destination }) => !taken.has(destination)).concat(own)
  volumes.sort((a, b) => depth(a.destination) - depth(b.destination))
  return [...system.filter(({ destination }) => !taken.has(destination)), ...volumes]
}

/** The struct tables of a service, in the order of compose-go's types: the order that hashes and printed JSON have. */
import {
  bytes,
  command,
  decimal,
  deviceCount,
  duration,
  environment,
  flag,
  healthTest,
  hosts,
  integer,
  labels,
  listOf,
  mapOf,
  orNull,
  struct,
  text,
  texts,
  textsOrNumbers,
  ulimit,
  type Decoder,
  type Field,
} from './decode.ts'
import type { Dict } from './yaml/tree.ts'
import type { Service } from './types.ts'

const ofText = (...names: string[]): Field[] => names.map((name) => [name, text])

const fileReference = struct([...ofText('source', 'target', 'uid', 'gid'), ['mode', integer, 'pointer']])

const ulimits = mapOf(ulimit)

const sshKeys: Decoder = (value) =>
  Object.entries(value as Dict).map(([id, path]) => (path === null ? id : `${id}: ${String(path)}`))

const build = struct([
  ...ofText('context', 'dockerfile', 'dockerfile_inline'),
  ['entitlements', texts],
  ['args', environment],
  ['ssh', sshKeys],
  ['labels', labels],
  ['cache_from', texts],
  ['cache_to', texts],
  ['no_cache', flag],
  ['additional_contexts', labels],
  ['pull', flag],
  ['extra_hosts', hosts],
  ...ofText('isolation', 'network', 'target'),
  ['secrets', listOf(fileReference)],
  ['shm_size', bytes],
  ['tags', texts],
  ['ulimits', ulimits],
  ['platforms', texts],
  ['privileged', flag],
])

const throttles = listOf(
  struct([
    ['path', text, 'always', 'Path'],
    ['rate', bytes, 'always', 'Rate'],
  ]),
)
const blkio = struct([
  ['weight', integer],
  [
    'weight_device',
    listOf(
      struct([
        ['path', text, 'always', 'Path'],
        ['weight', integer, 'always', 'Weight'],
      ]),
    ),
  ],
  ['device_read_bps', throttles],
  ['device_read_iops', throttles],
  ['device_write_bps', throttles],
  ['device_write_iops', throttles],
])

const required: Decoder = (value) => value !== false
const dependency = struct([
  ['condition', text],
  ['restart', flag],
  ['required', required, 'always'],
])

const deviceRequests = listOf(
  struct([
    ['capabilities', texts],
    ['driver', text],
    ['count', deviceCount],
    ['device_ids', texts],
    ['options', labels],
  ]),
)

const genericResources = listOf(
  struct([
    [
      'discrete_resource_spec',
      struct([
        ['kind', text, 'always'],
        ['value', integer, 'always'],
      ]),
      'pointer',
    ],
  ]),
)

const limits = struct([
  ['cpus', decimal],
  ['memory', bytes],
  ['pids', integer],
  ['devices', deviceRequests],
  ['generic_resources', genericResources],
])

const updateConfig = struct([
  ['parallelism', integer, 'pointer'],
  ['delay', duration],
  ['failure_action', text],
  ['monitor', duration],
  ['max_failure_ratio', decimal],
  ['order', text],
])

/** Decodes a struct that is no pointer in Go: it is there even when the file doesn't give it. */
const embedded =
  (decoder: Decoder): Decoder =>
  (value, at, options) =>
    decoder(value ?? {}, at, options)

const deploy = struct([
  ['mode', text],
  ['replicas', integer, 'pointer'],
  ['labels', labels],
  ['update_config', updateConfig, 'pointer'],
  ['rollback_config', updateConfig, 'pointer'],
  [
    'resources',
    embedded(
      struct([
        ['limits', limits, 'pointer'],
        ['reservations', limits, 'pointer'],
      ]),
    ),
    'always',
  ],
  [
    'restart_policy',
    struct([
      ['condition', text],
      ['delay', duration, 'pointer'],
      ['max_attempts', integer, 'pointer'],
      ['window', duration, 'pointer'],
    ]),
    'pointer',
  ],
  [
    'placement',
    embedded(
      struct([
        ['constraints', texts],
        ['preferences', listOf(struct([['spread', text]]))],
        ['max_replicas_per_node', integer],
      ]),
    ),
    'always',
  ],
  ['endpoint_mode', text],
])

const hookFields: Field[] = [
  ['command', command, 'always'],
  ['user', text],
  ['privileged', flag],
  ['working_dir', text],
  ['environment', environment],
]
const hooks = listOf(struct(hookFields))

const develop = struct([
  [
    'watch',
    listOf(
      struct([
        ['path', text, 'always'],
        ['action', text, 'always'],
        ['target', text],
        ['exec', embedded(struct(hookFields)), 'always'],
        ['ignore', texts],
      ]),
    ),
  ],
])

const healthcheck = struct([
  ['test', healthTest],
  ['timeout', duration, 'pointer'],
  ['interval', duration, 'pointer'],
  ['retries', integer, 'pointer'],
  ['start_period', duration, 'pointer'],
  ['start_interval', duration, 'pointer'],
  ['disable', flag],
])

const serviceNetwork = struct([
  ['priority', integer],
  ['gw_priority', integer],
  ['aliases', texts],
  ['ipv4_address', text],
  ['ipv6_address', text],
  ['link_local_ips', texts],
  ['mac_address', text],
  ['driver_opts', labels],
])

const ports = listOf(
  struct([
    ...ofText('name', 'mode', 'host_ip'),
    ['target', integer],
    ...ofText('published', 'protocol', 'app_protocol'),
  ]),
)

const volumes = listOf(
  struct([
    ...ofText('type', 'source', 'target'),
    ['read_only', flag],
    ['consistency', text],
    [
      'bind',
      struct([...ofText('selinux', 'propagation'), ['create_host_path', flag], ['recursive', text]]),
      'pointer',
    ],
    [
      'volume',
      struct([
        ['nocopy', flag],
        ['subpath', text],
      ]),
      'pointer',
    ],
    [
      'tmpfs',
      struct([
        ['size', bytes],
        ['mode', integer],
      ]),
      'pointer',
    ],
  ]),
)

/** Keeps the short form where it loses nothing. */
const envFiles: Decoder = (value) =>
  (value as Dict[]).map(({ path, required: needed, format }) =>
    needed !== false && format === undefined
      ? path
      : { path, required: needed !== false, ...(format !== undefined && { format }) },
  )

const SERVICE_FIELDS: readonly Field[] = [
  ['profiles', texts],
  ['annotations', labels],
  ['attach', flag, 'pointer'],
  ['build', build, 'pointer'],
  ['develop', develop, 'pointer'],
  ['blkio_config', blkio, 'pointer'],
  ['cap_add', texts],
  ['cap_drop', texts],
  ...ofText('cgroup_parent', 'cgroup'),
  ['cpu_count', integer],
  ['cpu_percent', decimal],
  ['cpu_period', integer],
  ['cpu_quota', integer],
  ['cpu_rt_period', integer],
  ['cpu_rt_runtime', integer],
  ['cpus', decimal],
  ['cpuset', text],
  ['cpu_shares', integer],
  ['command', command, 'always'],
  ['configs', listOf(fileReference)],
  ['container_name', text],
  ['credential_spec', struct(ofText('config', 'file', 'registry')), 'pointer'],
  ['depends_on', mapOf(dependency)],
  ['deploy', deploy, 'pointer'],
  ['device_cgroup_rules', texts],
  ['devices', listOf(struct(ofText('source', 'target', 'permissions')))],
  ['dns', texts],
  ['dns_opt', texts],
  ['dns_search', texts],
  ['dockerfile', text],
  ['domainname', text],
  ['entrypoint', command, 'always'],
  ['environment', environment],
  ['env_file', envFiles],
  ['expose', textsOrNumbers],
  ['external_links', texts],
  ['extra_hosts', hosts],
  ['group_add', texts],
  ['gpus', deviceRequests],
  ['hostname', text],
  ['healthcheck', healthcheck, 'pointer'],
  ['image', text],
  ['init', flag, 'pointer'],
  ...ofText('ipc', 'isolation'),
  ['labels', labels],
  ['label_file', texts],
  ['links', texts],
  [
    'logging',
    struct([
      ['driver', text],
      ['options', labels],
    ]),
    'pointer',
  ],
  ['mem_limit', bytes],
  ['mem_reservation', bytes],
  ['memswap_limit', bytes],
  ['mem_swappiness', bytes],
  ...ofText('mac_address', 'network_mode'),
  ['networks', mapOf(orNull(serviceNetwork))],
  ['oom_kill_disable', flag],
  ['oom_score_adj', integer],
  ['pid', text],
  ['pids_limit', integer],
  ['platform', text],
  ['ports', ports],
  ['privileged', flag],
  ['pull_policy', text],
  ['read_only', flag],
  ...ofText('restart', 'runtime'),
  ['scale', integer, 'pointer'],
  ['secrets', listOf(fileReference)],
  ['security_opt', texts],
  ['shm_size', bytes],
  ['stdin_open', flag],
  ['stop_grace_period', duration, 'pointer'],
  ['stop_signal', text],
  ['storage_opt', labels],
  ['sysctls', labels],
  ['tmpfs', texts],
  ['tty', flag],
  ['ulimits', ulimits],
  ...ofText('user', 'userns_mode', 'uts', 'volume_driver'),
  ['volumes', volumes],
  ['volumes_from', texts],
  ['working_dir', text],
  ['post_start', hooks],
  ['pre_stop', hooks],
]

export const decodeService = struct(SERVICE_FIELDS)

const ORDER = SERVICE_FIELDS.map(([name]) => name)

/** Puts the keys in the order of the struct, in whatever order they were set; extensions come last. */
export function inFieldOrder(service: Service): Service {
  const place = (key: string): number => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length)
  const entries = Object.entries(service).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b))) as unknown as Service
}

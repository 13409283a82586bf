/** The Compose specification's schema, for check-schema.ts: which keys there are, and of which types. */
import type { Schema, SchemaType } from './check-schema.ts'

const of = (...types: SchemaType[]): Schema => ({ types })
const text = of('string')
const flag = of('boolean', 'string')
const count = of('integer', 'string')
const amount = of('number', 'string')
const listOf = (items: Schema, unique = false): Schema => ({ types: ['array'], items, unique })
const texts = listOf(text)
const uniqueTexts = listOf(text, true)
const oneOf = (...schemas: Schema[]): Schema => ({ oneOf: schemas })
const word = (...values: string[]): Schema => ({ types: ['string'], enum: values })
const mapOf = (values: Schema, keys = /^.+$/, closed = false): Schema => ({
  types: ['object'],
  patterns: [[keys, values]],
  closed,
})

/** Any `x-` key is allowed. */
const EXTENSION: [RegExp, Schema] = [/^x-/, {}]
const NAME = /^[a-zA-Z0-9._-]+$/

type Extra = Partial<Pick<Schema, 'required' | 'types'>>
const record = (properties: Record<string, Schema>, extra: Extra = {}): Schema => ({
  types: ['object'],
  properties,
  patterns: [EXTENSION],
  closed: true,
  ...extra,
})
const strictRecord = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  types: ['object'],
  properties,
  closed: true,
  required,
})
const nullable: Extra = { types: ['object', 'null'] }
const all = (schema: Schema, ...names: string[]): Record<string, Schema> =>
  Object.fromEntries(names.map((name) => [name, schema]))

const textOrList = oneOf(text, uniqueTexts)
const listOrDict = oneOf(mapOf(of('string', 'number', 'boolean', 'null'), /.+/, true), uniqueTexts)
const command = oneOf(of('null'), text, texts)
const driverOptions = mapOf(of('string', 'number'))
const extraHosts = oneOf(mapOf(oneOf(text, texts), /.+/, true), uniqueTexts)

const fileReferences = listOf(
  oneOf(text, record({ ...all(text, 'source', 'target', 'uid', 'gid'), mode: amount })),
)

const ulimits = mapOf(
  oneOf(count, record({ hard: count, soft: count }, { required: ['soft', 'hard'] })),
  /^[a-z]+$/,
)

const build = oneOf(
  text,
  record({
    ...all(text, 'context', 'dockerfile', 'dockerfile_inline', 'network', 'target', 'isolation'),
    ...all(texts, 'entitlements', 'cache_from', 'cache_to', 'tags', 'platforms'),
    ...all(listOrDict, 'args', 'ssh', 'labels', 'additional_contexts'),
    ...all(flag, 'no_cache', 'pull', 'privileged'),
    shm_size: count,
    extra_hosts: extraHosts,
    secrets: fileReferences,
    ulimits,
  }),
)

const blkioLimits = listOf(strictRecord({ path: text, rate: count }))
const blkio = strictRecord({
  ...all(blkioLimits, 'device_read_bps', 'device_read_iops', 'device_write_bps', 'device_write_iops'),
  weight: count,
  weight_device: listOf(strictRecord({ path: text, weight: count })),
})

const dependency = record(
  {
    restart: flag,
    required: of('boolean'),
    condition: word('service_started', 'service_healthy', 'service_completed_successfully'),
  },
  { required: ['condition'] },
)

const deviceRequest = {
  ...all(uniqueTexts, 'capabilities', 'device_ids'),
  count: of('string', 'integer'),
  driver: text,
  options: listOrDict,
}

const updateConfig = record({
  parallelism: count,
  ...all(text, 'delay', 'failure_action', 'monitor'),
  max_failure_ratio: amount,
  order: word('start-first', 'stop-first'),
})

const genericResources = listOf(record({ discrete_resource_spec: record({ kind: text, value: amount }) }))

const resources = record({
  limits: record({ cpus: amount, memory: text, pids: count }),
  reservations: record({
    cpus: amount,
    memory: text,
    generic_resources: genericResources,
    devices: listOf(record(deviceRequest, { required: ['capabilities'] })),
  }),
})

const deploy = record(
  {
    ...all(text, 'mode', 'endpoint_mode'),
    replicas: count,
    labels: listOrDict,
    ...all(updateConfig, 'rollback_config', 'update_config'),
    resources,
    restart_policy: record({ ...all(text, 'condition', 'delay', 'window'), max_attempts: count }),
    placement: record({
      constraints: texts,
      preferences: listOf(record({ spread: text })),
      max_replicas_per_node: count,
    }),
  },
  nullable,
)

const hook = record({
  command,
  ...all(text, 'user', 'working_dir'),
  privileged: flag,
  environment: listOrDict,
})

const develop = record(
  {
    watch: listOf(
      record(
        {
          ignore: texts,
          ...all(text, 'path', 'target'),
          action: word('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
          exec: hook,
        },
        { required: ['path', 'action'] },
      ),
    ),
  },
  nullable,
)

const healthcheck = record({
  disable: flag,
  ...all(text, 'interval', 'timeout', 'start_period', 'start_interval'),
  retries: amount,
  test: oneOf(text, texts),
})

const envFile = oneOf(
  text,
  listOf(oneOf(text, strictRecord({ ...all(text, 'path', 'format'), required: flag }, ['path']))),
)

const serviceNetworks = oneOf(
  uniqueTexts,
  mapOf(
    oneOf(
      record({
        ...all(uniqueTexts, 'aliases', 'link_local_ips'),
        ...all(text, 'ipv4_address', 'ipv6_address', 'mac_address'),
        driver_opts: driverOptions,
        ...all(of('number'), 'priority', 'gw_priority'),
      }),
      of('null'),
    ),
    NAME,
    true,
  ),
)

const port = oneOf(
  of('number'),
  text,
  record({
    ...all(text, 'name', 'mode', 'host_ip', 'protocol', 'app_protocol'),
    target: count,
    published: of('string', 'integer'),
  }),
)

const volumeMount = oneOf(
  text,
  record(
    {
      ...all(text, 'type', 'source', 'target', 'consistency'),
      read_only: flag,
      bind: record({
        propagation: text,
        create_host_path: flag,
        recursive: word('enabled', 'disabled', 'writable', 'readonly'),
        selinux: word('z', 'Z'),
      }),
      volume: record({ nocopy: flag, subpath: text }),
      tmpfs: record({ size: oneOf({ types: ['integer'], minimum: 0 }, text), mode: amount }),
    },
    { required: ['type'] },
  ),
)

const device = oneOf(text, record(all(text, 'source', 'target', 'permissions'), { required: ['source'] }))
const bounded = (minimum: number, maximum?: number): Schema =>
  oneOf(text, { types: ['integer'], minimum, ...(maximum !== undefined && { maximum }) })

const service = record({
  develop,
  deploy,
  build,
  blkio_config: blkio,
  ...all(listOrDict, 'annotations', 'environment', 'labels', 'sysctls'),
  ...all(flag, 'attach', 'init', 'oom_kill_disable', 'privileged', 'read_only', 'stdin_open', 'tty'),
  ...all(uniqueTexts, 'cap_add', 'cap_drop', 'device_cgroup_rules', 'dns_opt', 'external_links', 'links'),
  ...all(uniqueTexts, 'profiles', 'security_opt', 'volumes_from'),
  cgroup: word('host', 'private'),
  ...all(text, 'cgroup_parent', 'container_name', 'cpuset', 'domainname', 'hostname', 'image', 'ipc'),
  ...all(text, 'isolation', 'mac_address', 'network_mode', 'platform', 'restart', 'runtime'),
  ...all(text, 'stop_grace_period', 'stop_signal', 'user', 'uts', 'userns_mode', 'working_dir'),
  ...all(command, 'command', 'entrypoint'),
  ...all(fileReferences, 'configs', 'secrets'),
  cpu_count: bounded(0),
  cpu_percent: bounded(0, 100),
  ...all(amount, 'cpu_shares', 'cpu_quota', 'cpu_period', 'cpu_rt_period', 'cpu_rt_runtime', 'cpus'),
  ...all(amount, 'mem_limit', 'memswap_limit', 'pids_limit', 'shm_size'),
  mem_reservation: of('string', 'integer'),
  ...all(count, 'mem_swappiness', 'scale'),
  credential_spec: record(all(text, 'config', 'file', 'registry')),
  depends_on: oneOf(uniqueTexts, mapOf(dependency, NAME, true)),
  devices: listOf(device),
  ...all(textOrList, 'dns', 'dns_search', 'tmpfs'),
  env_file: envFile,
  label_file: oneOf(text, texts),
  ...all(listOf(of('string', 'number'), true), 'expose', 'group_add'),
  extends: oneOf(text, strictRecord(all(text, 'service', 'file'), ['service'])),
  extra_hosts: extraHosts,
  gpus: oneOf(word('all'), listOf({ types: ['object'], properties: deviceRequest })),
  healthcheck,
  logging: record({ driver: text, options: mapOf(of('string', 'number', 'null')) }),
  networks: serviceNetworks,
  oom_score_adj: bounded(-1000, 1000),
  pid: of('string', 'null'),
  ports: listOf(port, true),
  ...all(listOf(hook), 'post_start', 'pre_stop'),
  pull_policy: word('always', 'never', 'if_not_present', 'build', 'missing'),
  storage_opt: of('object'),
  ulimits,
  volumes: listOf(volumeMount, true),
})

const external: Schema = { ...record({ name: text }), types: ['boolean', 'string', 'object'] }
const namedText = mapOf(text, /^.+$/, true)

const network = record(
  {
    ...all(text, 'name', 'driver'),
    driver_opts: driverOptions,
    ipam: record({
      driver: text,
      config: listOf(record({ ...all(text, 'subnet', 'ip_range', 'gateway'), aux_addresses: namedText })),
      options: namedText,
    }),
    external,
    ...all(flag, 'internal', 'enable_ipv4', 'enable_ipv6', 'attachable'),
    labels: listOrDict,
  },
  nullable,
)

const volume = record(
  { ...all(text, 'name', 'driver'), driver_opts: driverOptions, external, labels: listOrDict },
  nullable,
)

const secret = record({
  ...all(text, 'name', 'environment', 'file', 'driver', 'template_driver'),
  external,
  labels: listOrDict,
  driver_opts: driverOptions,
})

const config = record({
  ...all(text, 'name', 'content', 'environment', 'file', 'template_driver'),
  external,
  labels: listOrDict,
})

const include = oneOf(text, strictRecord({ ...all(textOrList, 'path', 'env_file'), project_directory: text }))

export const COMPOSE_SCHEMA: Schema = record({
  ...all(text, 'version', 'name'),
  include: listOf(include),
  services: mapOf(service, NAME, true),
  networks: mapOf(network, NAME),
  volumes: mapOf(volume, NAME, true),
  secrets: mapOf(secret, NAME, true),
  configs: mapOf(config, NAME, true),
})

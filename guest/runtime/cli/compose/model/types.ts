/**
 * A project as `docker compose config --format json` prints it: every short form resolved, empty values left out. Sizes are
 * decimal strings of bytes, durations Go's text (`1m30s`): the form that the configuration hash is made of.
 */

export type Environment = Record<string, string | null>
export type Labels = Record<string, string>

export interface ServicePort {
  name?: string
  mode?: string
  host_ip?: string
  target: number
  published?: string
  protocol?: string
  app_protocol?: string
}

export interface VolumeMount {
  type: string
  source?: string
  target: string
  read_only?: boolean
  consistency?: string
  bind?: { selinux?: string; propagation?: string; create_host_path?: boolean; recursive?: string }
  volume?: { nocopy?: boolean; subpath?: string }
  tmpfs?: { size?: string; mode?: number }
}

export interface ServiceNetwork {
  priority?: number
  gw_priority?: number
  aliases?: string[]
  ipv4_address?: string
  ipv6_address?: string
  link_local_ips?: string[]
  mac_address?: string
  driver_opts?: Record<string, string>
}

export type DependencyCondition =
  'service_started' | 'service_healthy' | 'service_completed_successfully' | 'running_or_healthy'

export interface Dependency {
  condition: DependencyCondition
  restart?: boolean
  required: boolean
}

export interface FileReference {
  source: string
  target?: string
  uid?: string
  gid?: string
  mode?: number
}

export interface DeviceRequestConfig {
  capabilities?: string[]
  driver?: string
  count?: number
  device_ids?: string[]
  options?: Record<string, string>
}

export interface ResourceLimits {
  cpus?: number
  memory?: string
  pids?: number
  devices?: DeviceRequestConfig[]
}

export interface BuildConfig {
  context?: string
  dockerfile?: string
  dockerfile_inline?: string
  args?: Environment
  labels?: Labels
  cache_from?: string[]
  no_cache?: boolean
  additional_contexts?: Record<string, string>
  pull?: boolean
  extra_hosts?: string[]
  network?: string
  target?: string
  shm_size?: string
  tags?: string[]
  ulimits?: Record<string, number | { soft?: number; hard?: number }>
  platforms?: string[]
  privileged?: boolean
  secrets?: FileReference[]
}

export interface Healthcheck {
  test?: string[]
  timeout?: string
  interval?: string
  retries?: number
  start_period?: string
  start_interval?: string
  disable?: boolean
}

export interface BlkioConfig {
  weight?: number
  weight_device?: { Path: string; Weight: number }[]
  device_read_bps?: { Path: string; Rate: string }[]
  device_read_iops?: { Path: string; Rate: string }[]
  device_write_bps?: { Path: string; Rate: string }[]
  device_write_iops?: { Path: string; Rate: string }[]
}

export interface Deploy {
  mode?: string
  replicas?: number
  labels?: Labels
  resources: { limits?: ResourceLimits; reservations?: ResourceLimits }
  restart_policy?: { condition?: string; delay?: string; max_attempts?: number; window?: string }
}

export interface Service {
  profiles?: string[]
  annotations?: Record<string, string>
  attach?: boolean
  build?: BuildConfig
  blkio_config?: BlkioConfig
  cap_add?: string[]
  cap_drop?: string[]
  cgroup_parent?: string
  cgroup?: string
  cpu_count?: number
  cpu_percent?: number
  cpu_period?: number
  cpu_quota?: number
  cpu_rt_period?: number
  cpu_rt_runtime?: number
  cpus?: number
  cpuset?: string
  cpu_shares?: number
  /** null stands for the image's command. */
  command: string[] | null
  configs?: FileReference[]
  container_name?: string
  depends_on?: Record<string, Dependency>
  deploy?: Deploy
  device_cgroup_rules?: string[]
  devices?: { source: string; target?: string; permissions?: string }[]
  dns?: string[]
  dns_opt?: string[]
  dns_search?: string[]
  domainname?: string
  /** null stands for the image's entrypoint. */
  entrypoint: string[] | null
  environment?: Environment
  env_file?: (string | { path: string; required: boolean; format?: string })[]
  expose?: string[]
  external_links?: string[]
  /** `name=address`. */
  extra_hosts?: string[]
  group_add?: string[]
  gpus?: DeviceRequestConfig[]
  hostname?: string
  healthcheck?: Healthcheck
  image?: string
  init?: boolean
  ipc?: string
  isolation?: string
  labels?: Labels
  label_file?: string[]
  links?: string[]
  logging?: { driver?: string; options?: Record<string, string> }
  mem_limit?: string
  mem_reservation?: string
  memswap_limit?: string
  mem_swappiness?: string
  mac_address?: string
  network_mode?: string
  networks?: Record<string, ServiceNetwork | null>
  oom_kill_disable?: boolean
  oom_score_adj?: number
  pid?: string
  pids_limit?: number
  platform?: string
  ports?: ServicePort[]
  privileged?: boolean
  pull_policy?: string
  read_only?: boolean
  restart?: string
  runtime?: string
  scale?: number
  secrets?: FileReference[]
  security_opt?: string[]
  shm_size?: string
  stdin_open?: boolean
  stop_grace_period?: string
  stop_signal?: string
  storage_opt?: Record<string, string>
  sysctls?: Record<string, string>
  tmpfs?: string[]
  tty?: boolean
  ulimits?: Record<string, number | { soft?: number; hard?: number }>
  user?: string
  userns_mode?: string
  uts?: string
  volume_driver?: string
  volumes?: VolumeMount[]
  volumes_from?: string[]
  working_dir?: string
}

export interface ProjectNetwork {
  name: string
  driver?: string
  driver_opts?: Record<string, string>
  ipam: {
    driver?: string
    config?: {
      subnet?: string
      gateway?: string
      ip_range?: string
      aux_addresses?: Record<string, string>
    }[]
  }
  external?: boolean
  internal?: boolean
  attachable?: boolean
  labels?: Labels
  enable_ipv4?: boolean
  enable_ipv6?: boolean
}

export interface ProjectVolume {
  name: string
  driver?: string
  driver_opts?: Record<string, string>
  external?: boolean
  labels?: Labels
}

/** A config or a secret. */
export interface FileObject {
  name: string
  file?: string
  environment?: string
  content?: string
  external?: boolean
  labels?: Labels
  driver?: string
  template_driver?: string
}

/** The part of a project that `config` prints. */
export interface ProjectModel {
  services: Record<string, Service>
  networks: Record<string, ProjectNetwork>
  volumes: Record<string, ProjectVolume>
  secrets: Record<string, FileObject>
  configs: Record<string, FileObject>
}

/** What the machine is: read once at start-up by host/host-facts-reader.ts, given in unit tests. */
export interface HostFacts {
  hostname: string
  cpus: number
  /** Bytes. */
  memory: number
  /** uname -r. */
  kernel: string
  /** uname -m. */
  machine: string
  /** Of /etc/os-release: PRETTY_NAME, VERSION_ID. */
  operatingSystem: string
  osVersion: string
  /** Names in the root's cgroup.controllers. */
  controllers: readonly string[]
  /** Bit N: capability N is in the engine's bounding set, and so can be given to a container. */
  capabilities: bigint
  /** `0-3,7`: cpuset.cpus.effective of the root cgroup, or as many as `cpus`. */
  cpuset: string
  /** Of the artefacts the guest was made of. */
  buildId: string
}

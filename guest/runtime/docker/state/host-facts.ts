/** Facts about the machine. host/host-facts-reader.ts reads them once at start-up; unit tests give their own. */
export interface HostFacts {
  hostname: string
  cpus: number
  /** Bytes. */
  memory: number
  /** The kernel's release (uname -r). */
  kernel: string
  /** The machine's architecture (uname -m). */
  machine: string
  /** PRETTY_NAME of /etc/os-release; `osVersion` is its VERSION_ID. */
  operatingSystem: string
  osVersion: string
  /** Names in cgroup.controllers of the root cgroup. */
  controllers: readonly string[]
  /** The engine's bounding set: bit N is set when capability N can be given to a container. */
  capabilities: bigint
  /** CPUs as `0-3,7`: cpuset.cpus.effective of the root cgroup, or as many as `cpus`. */
  cpuset: string
  /** The id of the artefacts of which the guest was made. */
  buildId: string
}

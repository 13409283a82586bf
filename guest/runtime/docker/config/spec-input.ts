/** The input of generate-spec beside the container's record: everything that must be looked up first. */
import type { Digest } from '../../../protocol/api/content.ts'
import type { ContainerRecord } from '../state/container-record.ts'

/** A device node of the guest: from `--device`, or all of /dev for a privileged container. */
export interface DeviceNode {
  /** The node's path in the container. */
  path: string
  type: 'c' | 'b'
  major: number
  minor: number
  /** Permission bits. */
  mode: number
  uid: number
  gid: number
  /** A part of `rwm`. */
  access: string
}

export interface SpecInput {
  /** Directories of the layers of mounted images, topmost first, by the image's id. */
  imageLayers: Record<Digest, string[]>
  record: ContainerRecord
  /** Absent for the guest's own network. */
  netnsPath?: string
  /** Files of the guest that are bound on /etc/hostname, /etc/hosts and /etc/resolv.conf. */
  etc: { hostname: string; hosts: string; resolvConf: string }
  /** Namespace files of the containers that `--ipc container:` and `--pid container:` name. */
  join: { ipc?: string; pid?: string }
  /** A directory of the guest that is bound on /dev/shm; without it the container gets a tmpfs of its own. */
  shmSource?: string
  devices: DeviceNode[]
  /** Device numbers of the block devices that the throttling limits name, by path. */
  blockDevices: Record<string, { major: number; minor: number }>
  /** The engine's bounding set, as in HostFacts. */
  capabilities: bigint
  /** The path in the guest of a static init, for `--init`. */
  initBinary: string
  /** Variables that describe linked containers. */
  linkVariables: readonly string[]
}

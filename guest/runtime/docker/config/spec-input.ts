/** What generate-spec needs beside the container's record: everything that had to be looked up first. */
import type { Digest } from '../../../protocol/api/content.ts'
import type { ContainerRecord } from '../state/container-record.ts'

/** A device node of the guest: from `--device`, or all of /dev for a privileged container. */
export interface DeviceNode {
  /** In the container. */
  path: string
  type: 'c' | 'b'
  major: number
  minor: number
  /** Permission bits. */
  mode: number
  uid: number
  gid: number
  /** Of `rwm`. */
  access: string
}

export interface SpecInput {
  /** Directories of the layers of mounted images, topmost first, by image. */
  imageLayers: Record<Digest, string[]>
  record: ContainerRecord
  /** Absent: the guest's own network. */
  netnsPath?: string
  /** Files of the guest that are bound on /etc/hostname, /etc/hosts and /etc/resolv.conf. */
  etc: { hostname: string; hosts: string; resolvConf: string }
  /** Namespace files of the containers that `--ipc container:` and `--pid container:` name. */
  join: { ipc?: string; pid?: string }
  /** A directory of the guest to bind on /dev/shm; absent: a tmpfs of the container's own. */
  shmSource?: string
  devices: DeviceNode[]
  /** Device numbers of the block devices that throttling names, by path. */
  blockDevices: Record<string, { major: number; minor: number }>
  /** The engine's bounding set, as in HostFacts. */
  capabilities: bigint
  /** A static init for `--init`, on the guest. */
  initBinary: string
  /** Variables that tell of linked containers. */
  linkVariables: readonly string[]
}

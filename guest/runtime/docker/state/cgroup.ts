/** The place of a container's cgroup. */
import { posix } from 'node:path'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { ContainerRecord } from './container-record.ts'

/**
 * `linux.cgroupsPath` of a container's OCI configuration: relative to the root of the hierarchy, which no `..` of a
 * `--cgroup-parent` leaves (runc, libcontainer/utils, CleanPath).
 */
export function cgroupsPathOf({ id, hostConfig }: ContainerRecord): string {
  const { CgroupParent: parent } = hostConfig
  return parent ? posix.join('/', parent, id) : `/docker/${id}`
}

/** The cgroup's absolute path in the guest. */
export const cgroupOf = (
  { paths }: { paths: Pick<EnginePaths, 'cgroupRoot'> },
  { record }: { record: ContainerRecord },
): string => paths.cgroupRoot + cgroupsPathOf(record)

/** The place of a container's cgroup. */
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { ContainerRecord } from './container-record.ts'

/** `linux.cgroupsPath` of a container's OCI configuration: relative to the root of the hierarchy. */
export function cgroupsPathOf(record: ContainerRecord): string {
  const parent = record.hostConfig.CgroupParent || 'docker'
  return `/${parent.replace(/^\/+|\/+$/g, '')}/${record.id}`
}

/** The cgroup's absolute path in the guest. */
export const cgroupOf = (
  { paths }: { paths: Pick<EnginePaths, 'cgroupRoot'> },
  { record }: { record: ContainerRecord },
): string => paths.cgroupRoot + cgroupsPathOf(record)

/** Where a container's cgroup is. */
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { ContainerRecord } from './container-record.ts'

/** `linux.cgroupsPath` of a container's OCI configuration: relative to the root of the hierarchy. */
export function cgroupsPathOf(record: ContainerRecord): string {
  const parent = record.hostConfig.CgroupParent || 'docker'
  return `/${parent.replace(/^\/+|\/+$/g, '')}/${record.id}`
}

/** Absolute path in the guest. */
export const cgroupOf = (
  { paths }: { paths: Pick<EnginePaths, 'cgroupRoot'> },
  { record }: { record: ContainerRecord },
): string => paths.cgroupRoot + cgroupsPathOf(record)

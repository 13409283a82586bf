/** Names of containers to be. */
import type { Service } from '../model/types.ts'

/** The file's own, or `project-service-number`. */
export const newContainerName = (project: string, name: string, service: Service, number: number): string =>
  service.container_name ?? [project, name, number].join('-')

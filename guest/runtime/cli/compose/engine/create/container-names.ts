/** Names for new containers. */
import type { Service } from '../../model/types.ts'

/** The name in the file, or `project-service-number`. */
export const newContainerName = (project: string, name: string, service: Service, number: number): string =>
  service.container_name ?? [project, name, number].join('-')

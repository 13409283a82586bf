/** The image of a service. */
import { getService, type Project } from '../../model/project.ts'

/** The name in the file; a service that is only built gets `project-service`. */
export function imageName(project: Project, service: string): string {
  return getService(project, service).image ?? `${project.name}-${service}`
}

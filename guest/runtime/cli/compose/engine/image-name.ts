/** The image of a service. */
import { getService, type Project } from '../model/project.ts'

/** As the file names it; a service that is only built is `project-service`. */
export function imageName(project: Project, service: string): string {
  return getService(project, service).image ?? `${project.name}-${service}`
}

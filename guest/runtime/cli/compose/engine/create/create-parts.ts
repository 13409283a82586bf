/** The parts of which the request for a service's container is made. */
import type { HostConfig } from '../../../../../protocol/api/engine-api.ts'
import type { Project } from '../../model/project.ts'
import type { Service } from '../../model/types.ts'

export interface CreateParts {
  project: Project
  name: string
  service: Service
  number: number
  labels: Record<string, string>
  attachStdin: boolean
  autoRemove: boolean
  networkAliases: boolean
  /** `container:alias`. */
  links: string[]
  volumes: Pick<HostConfig, 'Binds' | 'Mounts'>
  securityOptions: { options: string[]; unconfinedPaths: boolean }
}

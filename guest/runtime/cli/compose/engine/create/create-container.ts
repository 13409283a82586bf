/** Makes the container of a service: its request, the call, and the files that are copied in. */
import type { ContainerInspect, ContainerSummary } from '../../../../../protocol/api/engine-api.ts'
import { CliError } from '../../../shared/cli-error.ts'
import {
  familiarReference,
  parseReference,
  withDefaultTag,
} from '../../../../../vocabulary/image-reference.ts'
import type { ComposeContext } from '../../context.ts'
import type { Project } from '../../model/project.ts'
import { serviceHash } from '../../model/service-hash.ts'
import type { Service } from '../../model/types.ts'
import { readSecurity } from './security.ts'
import { containerName, listContainers } from '../containers.ts'
import { createRequest } from './create-request.ts'
import { imageName } from '../image/image-name.ts'
import { inspectImage } from '../image/inspect-image.ts'
import { injectFiles } from './inject-files.ts'
import { LABEL } from '../labels.ts'
import { serviceMounts } from './mounts.ts'
import type { Progress } from '../output/progress-events.ts'

export interface NewContainer {
  project: Project
  /** The service's name. */
  name: string
  service: Service
  containerName: string
  number: number
  replaced?: ContainerSummary
  autoRemove?: boolean
  attachStdin?: boolean
  networkAliases?: boolean
  labels?: Record<string, string>
}

function labelsOf({
  project,
  name,
  service,
  number,
  replaced,
  labels,
}: NewContainer): Record<string, string> {
  const dependencies = Object.entries(service.depends_on ?? {})
  return {
    ...service.labels,
    ...project.customLabels[name],
    ...labels,
    ...(replaced !== undefined && { [LABEL.replace]: replaced.Id }),
    [LABEL.configHash]: serviceHash(service),
    [LABEL.number]: String(number),
    [LABEL.dependsOn]: dependencies
      .map(([other, { condition, restart = false }]) => `${other}:${condition}:${restart}`)
      .join(','),
  }
}

/**
 * Links as `container:alias`: those of `links` and `external_links`, and those of a one-off container to its own
 * service.
 */
async function linksOf(context: ComposeContext, container: NewContainer): Promise<string[]> {
  const { project, name, service, number, labels } = container
  const links: string[] = []
  const containersOf = (other: string): Promise<ContainerSummary[]> =>
    listContainers(context.api, project.name, { oneOff: 'exclude', all: true, services: [other] })
  for (const link of service.links ?? []) {
    const [other, alias = other] = link.split(':') as [string, string?]
    for (const linked of await containersOf(other)) {
      const target = containerName(linked)
      links.push(
        `${target}:${alias}`,
        `${target}:${other}-${number}`,
        `${target}:${project.name}-${other}-${number}`,
      )
    }
  }
  if (labels?.[LABEL.oneOff] === 'True') {
    for (const sibling of await containersOf(name)) {
      const target = containerName(sibling)
      const short = target.startsWith(`${project.name}-`) ? target.slice(project.name.length + 1) : target
      links.push(`${target}:${name}`, `${target}:${short}`, `${target}:${target}`)
    }
  }
  for (const link of service.external_links ?? []) {
    const [target, alias = target] = link.split(':') as [string, string?]
    links.push(`${target}:${alias}`)
  }
  return links
}

/** @throws CliError, ApiError */
export async function createServiceContainer(
  context: ComposeContext,
  progress: Progress,
  container: NewContainer,
): Promise<ContainerSummary> {
  const { api, warn } = context
  const { project, name, service } = container
  const image = imageName(project, name)
  const found = await inspectImage(api, image)
  if (found === undefined)
    throw new CliError(
      `Error response from daemon: No such image: ${familiarReference(withDefaultTag(parseReference(image)))}`,
    )
  const request = createRequest({
    ...{ project, name, service, number: container.number, labels: labelsOf(container) },
    attachStdin: container.attachStdin === true,
    autoRemove: container.autoRemove === true,
    networkAliases: container.networkAliases !== false,
    links: await linksOf(context, container),
    volumes: serviceMounts(project, service, found, container.replaced, warn),
    securityOptions: await readSecurity(context, project, service),
  })
  const platform = service.platform ?? project.environment.DOCKER_DEFAULT_PLATFORM
  const response = await api.json('POST', '/containers/create', {
    query: { name: container.containerName, platform },
    json: request,
  })
  for (const text of response.Warnings ?? []) progress.event({ id: name, status: 'warning', text })
  await injectFiles(context, project, service, response.Id)
  return summaryOf(await api.json('GET', `/containers/${response.Id}/json`))
}

/** The container's summary as a list would give it, as far as Compose uses it. */
export function summaryOf(inspected: ContainerInspect): ContainerSummary {
  const { Id, Name, Config, Image, State, HostConfig, NetworkSettings, Mounts, Created } = inspected
  return {
    ...{ Id, Names: [Name], Image: Config.Image, ImageID: Image, Command: '', Ports: [], Mounts },
    Created: Math.trunc(Date.parse(Created) / 1000),
    Labels: Config.Labels,
    State: State.Status,
    Status: '',
    HostConfig: { NetworkMode: HostConfig.NetworkMode },
    NetworkSettings: { Networks: NetworkSettings.Networks },
  }
}

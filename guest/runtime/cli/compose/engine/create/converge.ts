/** Makes, replaces and removes containers until they are as the files say (docker/compose convergence.go). */
import type { ContainerSummary } from '../../../../../protocol/api/engine-api.ts'
import { CliError } from '../../../shared/cli-error.ts'
import type { ComposeContext } from '../../context.ts'
import { getService, scaleOf, type Project } from '../../model/project.ts'
import { serviceHash } from '../../model/service-hash.ts'
import type { Service } from '../../model/types.ts'
import { newContainerName } from './container-names.ts'
import { byContainerName, containerName, isNotOneOff, numberOf, serviceOf } from '../containers.ts'
import { createServiceContainer } from './create-container.ts'
import { allOrFirstFailure, inDependencyOrder } from '../lifecycle/dependency-order.ts'
import { LABEL } from '../labels.ts'
import { done, working, type Progress } from '../output/progress-events.ts'
import { stopAndRemove, type StopOptions } from '../lifecycle/stop.ts'

export type RecreatePolicy = 'diverged' | 'force' | 'never'

export interface ConvergeOptions extends StopOptions {
  services: readonly string[]
  recreate: RecreatePolicy
  recreateDependencies: RecreatePolicy
  /** New containers take over the anonymous volumes of the ones they replace. */
  inherit: boolean
}

export const progressName = (container: ContainerSummary): string => `Container ${containerName(container)}`

export class Convergence {
  readonly #context: ComposeContext
  readonly #project: Project
  readonly #progress: Progress
  readonly #observed: Map<string, ContainerSummary[]>
  /** Services whose dependency has been replaced. */
  readonly #forced = new Set<string>()

  constructor(
    context: ComposeContext,
    project: Project,
    progress: Progress,
    containers: readonly ContainerSummary[],
  ) {
    this.#context = context
    this.#project = project
    this.#progress = progress
    this.#observed = new Map(Object.keys(project.services).map((name) => [name, []]))
    for (const container of containers.filter(isNotOneOff)) {
      const name = serviceOf(container)
      this.#observed.set(name, [...(this.#observed.get(name) ?? []), container])
    }
  }

  async apply(options: ConvergeOptions): Promise<void> {
    await inDependencyOrder(this.#project.services, (name) => {
      const named = options.services.includes(name)
      return this.#ensure(name, named ? options.recreate : options.recreateDependencies, options)
    })
  }

  /** The service with references to other services turned into ids of their containers. @throws CliError */
  resolveReferences(service: Service): Service {
    const first = (name: string, what: string): string => {
      const id = [...(this.#observed.get(name) ?? [])].sort(byContainerName)[0]?.Id
      if (id === undefined) throw new CliError(`cannot share ${what} with service ${name}: container missing`)
      return id
    }
    const shared = (mode: string | undefined, what: string): string | undefined =>
      mode?.startsWith('service:') ? `container:${first(mode.slice('service:'.length), what)}` : mode
    const from = service.volumes_from?.map((entry) => {
      const [name = '', other = ''] = entry.split(':')
      return name === 'container' ? other : first(name, 'volume')
    })
    const networkMode = shared(service.network_mode, 'network namespace')
    const ipc = shared(service.ipc, 'IPC namespace')
    const pid = shared(service.pid, 'PID namespace')
    return {
      ...service,
      ...(from !== undefined && { volumes_from: from }),
      ...(networkMode !== undefined && { network_mode: networkMode }),
      ...(ipc !== undefined && { ipc }),
      ...(pid !== undefined && { pid }),
    }
  }

  #mustRecreate(
    name: string,
    service: Service,
    container: ContainerSummary,
    policy: RecreatePolicy,
  ): boolean {
    if (policy === 'never') return false
    if (policy === 'force' || this.#forced.has(name)) return true
    const image = this.#project.customLabels[name]?.[LABEL.image]
    return (
      container.Labels[LABEL.configHash] !== serviceHash(service) || container.Labels[LABEL.image] !== image
    )
  }

  async #ensure(name: string, policy: RecreatePolicy, options: ConvergeOptions): Promise<void> {
    const service = this.resolveReferences(getService(this.#project, name))
    const expected = scaleOf(service)
    if (expected > 1 && service.container_name !== undefined) {
      throw new CliError(
        `WARNING: The "${name}" service is using the custom container name "${service.container_name}". Docker requires each container to have a unique name. Remove the custom name to scale the service.\n`,
      )
    }
    const mustRecreate = (container: ContainerSummary): boolean =>
      this.#mustRecreate(name, service, container, policy)
    // The first `expected` containers are kept or replaced, the rest removed: first come those that need replacing,
    // then low numbers, as in Compose.
    const containers = [...this.#observed.get(name)!].sort(
      (a, b) => Number(mustRecreate(b)) - Number(mustRecreate(a)) || numberOf(a) - numberOf(b),
    )
    const kept = containers.slice(0, expected).map((container) => {
      if (mustRecreate(container)) return this.#recreate(name, service, container, options)
      return this.#keep(container)
    })
    const removed = containers
      .slice(expected)
      .map((container) => stopAndRemove(this.#context, this.#progress, container, options, false))
    const next = Math.max(0, ...containers.map(numberOf).filter((number) => !Number.isNaN(number))) + 1
    const made = Array.from({ length: Math.max(expected - containers.length, 0) }, (_, at) =>
      this.#create(name, service, next + at),
    )
    await allOrFirstFailure([...kept, ...removed, ...made])
    this.#observed.set(name, [...(await Promise.all(kept)), ...(await Promise.all(made))])
  }

  async #keep(container: ContainerSummary): Promise<ContainerSummary> {
    const event = progressName(container)
    if (container.State === 'running') this.#progress.event(done(event, 'Running'))
    else if (container.State === 'exited') this.#progress.event(done(event, 'Created'))
    else if (container.State !== 'created' && container.State !== 'restarting') {
      this.#progress.event(working(event, 'Restart'))
      await this.#context.api.run('POST', `/containers/${container.Id}/start`)
      this.#progress.event(done(event, 'Restarted'))
    }
    return container
  }

  async #create(name: string, service: Service, number: number): Promise<ContainerSummary> {
    const containerName = newContainerName(this.#project.name, name, service, number)
    const event = `Container ${containerName}`
    this.#progress.event(working(event, 'Creating'))
    const created = await createServiceContainer(this.#context, this.#progress, {
      ...{ project: this.#project, name, service, containerName, number },
    })
    this.#progress.event(done(event, 'Created'))
    return created
  }

  /** The new container is made under a temporary name first, so that a failure leaves the old one. */
  async #recreate(
    name: string,
    service: Service,
    replaced: ContainerSummary,
    { inherit, timeout }: ConvergeOptions,
  ): Promise<ContainerSummary> {
    const { api } = this.#context
    const event = progressName(replaced)
    this.#progress.event(working(event, 'Recreate'))
    const number = numberOf(replaced)
    const final = newContainerName(this.#project.name, name, service, number)
    const created = await createServiceContainer(this.#context, this.#progress, {
      ...{ project: this.#project, name, service, number },
      containerName: `${replaced.Id.slice(0, 12)}_${final}`,
      labels: { [LABEL.replace]: replaced.Id },
      ...(inherit && { replaced }),
    })
    await api.run('POST', `/containers/${replaced.Id}/stop`, { query: { t: timeout } })
    await api.run('DELETE', `/containers/${replaced.Id}`)
    await api.run('POST', `/containers/${created.Id}/rename`, { query: { name: final } })
    this.#progress.event(done(event, 'Recreated'))
    for (const [other, { depends_on: on }] of Object.entries(this.#project.services))
      if (on !== undefined && name in on) this.#forced.add(other)
    return { ...created, Names: [`/${final}`] }
  }
}

/** Requests that the fault-injection suites make. */
import type { ContainerCreateRequest, HostConfig, VolumeInspect } from '../../../protocol/api/engine-api.ts'
import type { Container } from '../../docker/state/container.ts'
import { IMAGE } from '../test-engine.ts'
import type { FaultWorld } from './fault-world.ts'

export type CreateRequest = Omit<Partial<ContainerCreateRequest>, 'HostConfig'> & {
  HostConfig?: Partial<HostConfig>
}

export const create = (world: FaultWorld, name: string, request: CreateRequest = {}): Promise<unknown> =>
  world.call('POST', '/containers/create', { Image: IMAGE.id, ...request }, { name })

/** @param path with its query */
export function post(world: FaultWorld, path: string, json?: unknown): Promise<unknown> {
  const [plain = '', query] = path.split('?')
  return world.call('POST', plain, json, Object.fromEntries(new URLSearchParams(query)))
}

/** Makes and removes a container. Its lease stays for a while, so that of the next one to be removed does not. */
export async function leaveLease(world: FaultWorld): Promise<void> {
  await create(world, 'before')
  await world.call('DELETE', '/containers/before')
}

export async function running(world: FaultWorld, name: string, request: CreateRequest = {}): Promise<void> {
  await create(world, name, request)
  await post(world, `/containers/${name}/start`)
}

export const container = (world: FaultWorld, name: string): Container =>
  world.engine.context.containers.find(name)

/** The process of a running container, or of an exec. */
export const processOf = (world: FaultWorld, name: string) =>
  world.host.machine.process(container(world, name).id)

/** Adds clients that wait for the container: for its end, for its removal, and for its output. */
export function watchers(world: FaultWorld, name: string): void {
  for (const condition of ['not-running', 'removed'])
    world.waiter(condition, world.call('POST', `/containers/${name}/wait`, undefined, { condition }))
  const query = { stream: true, stdout: true, stderr: true }
  world.waiter('attach', world.call('POST', `/containers/${name}/attach`, undefined, query))
}

export async function volumeNames(world: FaultWorld): Promise<string[]> {
  const { Volumes } = (await world.call('GET', '/volumes')) as { Volumes: VolumeInspect[] | null }
  return (Volumes ?? []).map(({ Name }) => Name)
}

/** `docker network connect` and `disconnect`: the network's part, the record's, and the hosts file. */
import type { EndpointSettings } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { sandboxRequest } from './prepare-start.ts'
import { refreshHosts } from './update-container.ts'

function checkRemoval({ record, isLeaving }: Container): void {
  if (isLeaving)
    throw new EngineError(
      'internal',
      `Container ${record.id} is marked for removal and cannot be connected or disconnected to the network`,
    )
}

export async function connectContainer(
  context: EngineContext,
  network: string,
  container: Container,
  endpoint: EndpointSettings,
): Promise<void> {
  checkRemoval(container)
  await container.lock.run(async () => {
    checkRemoval(container)
    const { record } = container
    const { Name } = await context.networks.inspect(network)
    const request = sandboxRequest(context, record)
    await context.networks.connect(network, request, endpoint, container.task !== undefined)
    record.endpoints = { ...record.endpoints, [Name]: endpoint }
    await context.containers.save(container)
    await refreshHosts(context, container)
  })
}

export async function disconnectContainer(
  context: EngineContext,
  network: string,
  container: Container,
  force: boolean,
): Promise<void> {
  checkRemoval(container)
  await container.lock.run(async () => {
    const { record } = container
    const { Name } = await context.networks.inspect(network)
    checkRemoval(container)
    await context.networks.disconnect(network, record.id, force)
    record.endpoints = Object.fromEntries(Object.entries(record.endpoints).filter(([name]) => name !== Name))
    await context.containers.save(container)
    await refreshHosts(context, container)
  })
}

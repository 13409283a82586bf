/** `docker network connect` and `disconnect`: changes the record, the network and the hosts file. */
import type { EndpointSettings } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { saveOrReport } from './exit-container.ts'
import { sandboxRequest } from './prepare-start.ts'
import { refreshHosts } from './update-container.ts'

function checkRemoval({ record, isLeaving }: Container): void {
  if (isLeaving)
    throw new EngineError(
      'internal',
      `Container ${record.id} is marked for removal and cannot be connected or disconnected to the network`,
    )
}

/** Changes the record before the network; when one of the two fails, both are as they were. */
async function changeEndpoints(
  context: EngineContext,
  container: Container,
  endpoints: Record<string, EndpointSettings>,
  change: () => Promise<void>,
): Promise<void> {
  const { record } = container
  const before = record.endpoints
  let saved = false
  try {
    record.endpoints = endpoints
    await context.containers.save(container)
    saved = true
    await change()
  } catch (error) {
    record.endpoints = before
    if (saved) await saveOrReport(context, container)
    throw error
  }
  await refreshHosts(context, container)
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
    const { record, task } = container
    const { Name } = await context.networks.inspect(network)
    const request = sandboxRequest(context, record)
    await changeEndpoints(context, container, { ...record.endpoints, [Name]: endpoint }, () =>
      context.networks.connect(network, request, endpoint, task !== undefined),
    )
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
    const others = Object.entries(record.endpoints).filter(([name]) => name !== Name)
    await changeEndpoints(context, container, Object.fromEntries(others), () =>
      context.networks.disconnect(network, record.id, force),
    )
  })
}

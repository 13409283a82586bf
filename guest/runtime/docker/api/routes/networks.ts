/** Engine API 1.51, tag Network. */
import type {
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkDisconnectRequest,
} from '../../../../protocol/api/engine-api.ts'
import type { EngineContext } from '../../state/context.ts'
import { connectContainer, disconnectContainer } from '../../container/connect-container.ts'
import { json, noContent, type Route } from '../api-types.ts'
import { jsonObject } from '../request-body.ts'

export function networkRoutes(context: EngineContext): Route[] {
  const { networks } = context
  return [
    {
      method: 'GET',
      pattern: '/networks',
      handler: async ({ query }) => json(await networks.list(query.filters())),
    },
    {
      method: 'POST',
      pattern: '/networks/create',
      handler: async ({ body }) =>
        json(await networks.create(await jsonObject<NetworkCreateRequest>(body)), 201),
    },
    {
      method: 'POST',
      pattern: '/networks/prune',
      handler: async ({ query }) => {
        const deleted = await networks.prune(query.filters())
        return json({ NetworksDeleted: deleted.length > 0 ? deleted : null })
      },
    },
    {
      method: 'GET',
      pattern: '/networks/{id}',
      handler: async (_, { id }) => json(await networks.inspect(id!)),
    },
    {
      method: 'DELETE',
      pattern: '/networks/{id}',
      handler: async (_, { id }) => {
        await networks.remove(id!)
        return noContent()
      },
    },
    {
      method: 'POST',
      pattern: '/networks/{id}/connect',
      handler: async ({ body }, { id }) => {
        const { Container, EndpointConfig } = await jsonObject<NetworkConnectRequest>(body)
        await connectContainer(context, id!, context.containers.find(Container), EndpointConfig ?? {})
        return { kind: 'empty', status: 200 }
      },
    },
    {
      method: 'POST',
      pattern: '/networks/{id}/disconnect',
      handler: async ({ body }, { id }) => {
        const { Container, Force } = await jsonObject<NetworkDisconnectRequest>(body)
        await disconnectContainer(context, id!, context.containers.find(Container), Force ?? false)
        return { kind: 'empty', status: 200 }
      },
    },
  ]
}

/** Engine API 1.51, tag Network. */
import { parseGoBoolean } from '../../../../vocabulary/go-boolean.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { EngineContext } from '../../state/context.ts'
import { connectContainer, disconnectContainer } from '../../container/connect-container.ts'
import { has } from '../api-changes.ts'
import { json, noContent, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'
import { networkConnectRequest, networkCreateRequest, networkDisconnectRequest } from '../bodies/network.ts'
import { parseError } from '../go-numbers.ts'
import { readJson } from '../request-body.ts'

export function networkRoutes(context: EngineContext): Route[] {
  const { networks } = context
  return [
    // Docker serves the list under both paths.
    { method: 'GET', pattern: '/networks', handler: list },
    { method: 'GET', pattern: '/networks/', handler: list },
    { method: 'POST', pattern: '/networks/create', handler: create },
    {
      method: 'POST',
      pattern: '/networks/prune',
      handler: async ({ query }) => {
        const deleted = await networks.prune(query.filters())
        return json({ NetworksDeleted: deleted.length > 0 ? deleted : null })
      },
    },
    { method: 'GET', pattern: '/networks/{id*}', handler: (request, { id }) => inspect(id!, request) },
    {
      method: 'DELETE',
      pattern: '/networks/{id*}',
      handler: async (_, { id }) => {
        await networks.remove(id!)
        return noContent()
      },
    },
    {
      method: 'POST',
      pattern: '/networks/{id*}/connect',
      handler: async (request, { id }) => {
        const { Container, EndpointConfig } = await readJson(request, networkConnectRequest)
        await connectContainer(context, id!, context.containers.find(Container), EndpointConfig ?? {})
        return { kind: 'empty', status: 200 }
      },
    },
    {
      method: 'POST',
      pattern: '/networks/{id*}/disconnect',
      handler: async (request, { id }) => {
        const { Container, Force } = await readJson(request, networkDisconnectRequest)
        await disconnectContainer(context, id!, context.containers.find(Container), Force ?? false)
        return { kind: 'empty', status: 200 }
      },
    },
  ]

  async function list(request: ApiRequest): Promise<ApiResponse> {
    const listed = await networks.list(request.query.filters())
    if (has(request, 'network-list-short')) return json(listed)
    return json(await Promise.all(listed.map(({ Id }) => networks.inspect(Id))))
  }

  async function create(request: ApiRequest): Promise<ApiResponse> {
    const { EnableIPv4, ...asked } = await readJson(request, networkCreateRequest)
    const knows = EnableIPv4 !== undefined && has(request, 'network-enable-ipv4')
    return json(await networks.create({ ...asked, ...(knows && { EnableIPv4 }) }), 201)
  }

  async function inspect(id: string, { query }: ApiRequest): Promise<ApiResponse> {
    const [verbose, scope] = [query.text('verbose'), query.text('scope')]
    if (verbose !== '' && parseGoBoolean(verbose) === undefined)
      throw new EngineError(
        'invalid',
        `invalid value for verbose: ${verbose}: ${parseError('ParseBool', verbose, 'invalid syntax')}`,
      )
    const network = await networks.inspect(id)
    if (scope !== '' && network.Scope !== scope)
      throw new EngineError('not-found', `network ${id} not found`, { id, scope })
    return json(network)
  }
}

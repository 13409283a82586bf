/**
 * Engine API 1.51: push, search, distribution and auth, and under /porthole the requests that `docker manifest` makes
 * to registries itself.
 */
import type { AuthConfig, DistributionInspect } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { ImageService } from '../../image/image-service.ts'
import type { RegistryService } from '../../image/registry-service.ts'
import { json, jsonLines, type ApiBody, type Route } from '../api-types.ts'
import { authConfig } from '../bodies/others.ts'
import { decodeJson } from '../json/go-type.ts'
import { credentialsOf } from '../registry-auth-header.ts'
import { withErrorLine } from '../error-line.ts'
import { platformOf } from './images.ts'

/**
 * Decodes the body by hand, as dockerd does for this route alone: it needs no Content-Type, and an empty body is an
 * `internal` error.
 */
async function credentials(body: ApiBody): Promise<AuthConfig> {
  const text = await body.json()
  if (text.kind === 'empty') throw new EngineError('internal', 'EOF')
  return decodeJson(authConfig, text.value)
}

export function registryRoutes(registry: RegistryService, images: ImageService): Route[] {
  return [
    {
      method: 'POST',
      pattern: '/images/{name*}/push',
      handler: async (request, { name }) => {
        const { query, headers, signal } = request
        const tag = query.text('tag')
        const platform = platformOf(request, 'push-platform')
        if (platform) await images.inspect(tag === '' ? name! : `${name}:${tag}`, platform)
        const lines = registry.push(name!, tag, credentialsOf(headers), signal)
        return jsonLines(await withErrorLine(lines))
      },
    },
    {
      method: 'GET',
      pattern: '/images/search',
      handler: async ({ query }) =>
        json(await registry.search(query.text('term'), query.text('limit'), query.filters())),
    },
    {
      method: 'GET',
      pattern: '/distribution/{name*}/json',
      handler: async ({ headers, signal }, { name }) => {
        const { descriptor, platforms } = await registry.inspect(name!, credentialsOf(headers), signal)
        return json({ Descriptor: descriptor, Platforms: platforms } satisfies DistributionInspect)
      },
    },
    {
      method: 'GET',
      pattern: '/porthole/manifests/{name*}',
      handler: async ({ headers, signal }, { name }) =>
        json(await registry.inspect(name!, credentialsOf(headers), signal)),
    },
    {
      method: 'PUT',
      pattern: '/porthole/manifests/{name*}',
      handler: async ({ headers, body, signal }, { name }) => {
        const mediaType = headers['content-type'] ?? ''
        const auth = credentialsOf(headers)
        return json(await registry.putManifest(name!, mediaType, body.bytes(), auth, signal), 201)
      },
    },
    {
      method: 'POST',
      pattern: '/porthole/mounts/{name*}',
      handler: async ({ query, headers, signal }, { name }) => {
        const blob = { digest: query.text('digest'), from: query.text('from') }
        return json(await registry.mount(name!, blob, credentialsOf(headers), signal))
      },
    },
    {
      method: 'POST',
      pattern: '/auth',
      handler: async ({ body, signal }) => {
        const token = await registry.logIn(await credentials(body), signal)
        return json({ Status: 'Login Succeeded', IdentityToken: token })
      },
    },
  ]
}

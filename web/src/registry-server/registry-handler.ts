/**
 * The registry of this page: the OCI distribution protocol 1.1 over the content store,
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
import type { ContentStore } from '../content/content-store.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { deleteBlob, getBlob } from './blob-routes.ts'
import { checkVersion, listRepositories, listTags } from './list-routes.ts'
import { deleteManifest, getManifest, listReferrers, putManifest } from './manifest-routes.ts'
import type { RegistryContext, RouteRequest } from './registry-context.ts'
import { RegistryError, errorAnswer } from './registry-error.ts'
import {
  answer,
  type RegistryHandler,
  type RegistryRequest,
  type RegistryResponse,
} from './registry-messages.ts'
import { UploadStore } from './upload-store.ts'
import { cancelUpload, finishUpload, patchUpload, startUpload, uploadStatus } from './upload-routes.ts'

type Action = (context: RegistryContext, request: RouteRequest) => Promise<RegistryResponse>

interface Route {
  /** The path after `/v2/`; the groups are the repository and the last name. */
  path: RegExp
  actions: Record<string, Action>
}

const ROUTES: readonly Route[] = [
  { path: /^$/, actions: { GET: checkVersion } },
  { path: /^_catalog$/, actions: { GET: listRepositories } },
  { path: /^(.+)\/tags\/list$/, actions: { GET: listTags } },
  { path: /^(.+)\/referrers\/([^/]+)$/, actions: { GET: listReferrers } },
  {
    path: /^(.+)\/manifests\/([^/]+)$/,
    actions: { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { path: /^(.+)\/blobs\/uploads\/?$/, actions: { POST: startUpload } },
  {
    path: /^(.+)\/blobs\/uploads\/([^/]+)$/,
    actions: { GET: uploadStatus, PATCH: patchUpload, PUT: finishUpload, DELETE: cancelUpload },
  },
  { path: /^(.+)\/blobs\/([^/]+)$/, actions: { GET: getBlob, DELETE: deleteBlob } },
]

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const NAME_MAX = 255
const VERSION = { 'docker-distribution-api-version': 'registry/2.0' }

export interface RegistryHandlers {
  /** Serves every client. */
  handle: RegistryHandler
  /** Serves the page's own pushes, which mount content of the store instead of copying it. */
  handleOwn: RegistryHandler
}

export function createRegistry(keyValues: KeyValueStore, store: ContentStore): RegistryHandlers {
  const uploads = new UploadStore(keyValues, store)
  const handlerFor =
    (adopts: boolean): RegistryHandler =>
    (request) =>
      handle({ store, uploads, adopts }, request)
  return { handle: handlerFor(false), handleOwn: handlerFor(true) }
}

async function handle(context: RegistryContext, request: RegistryRequest): Promise<RegistryResponse> {
  const response = await dispatch(context, request).catch(errorAnswer)
  Object.assign(response.headers, VERSION)
  if (request.method !== 'HEAD') return response
  return { ...response, body: answer(200).body }
}

async function dispatch(context: RegistryContext, request: RegistryRequest): Promise<RegistryResponse> {
  const { pathname, searchParams } = new URL(request.url, 'http://registry.local')
  // A digest's colon may come escaped; no other character of a valid path needs an escape.
  const match = /^\/v2(?:\/(.*))?$/.exec(pathname.replace(/%3a/gi, ':'))
  const path = match?.[1] ?? ''
  for (const route of match === null ? [] : ROUTES) {
    const [, repository = '', name = ''] = route.path.exec(path) ?? []
    if (!route.path.test(path)) continue
    const action = route.actions[request.method === 'HEAD' ? 'GET' : request.method]
    if (action === undefined) {
      const methods = Object.keys(route.actions)
      if (methods.includes('GET')) methods.push('HEAD')
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { allow: methods.join(', ') } })
    }
    if (repository !== '' && (!NAME.test(repository) || repository.length > NAME_MAX))
      throw new RegistryError('NAME_INVALID', { name: repository })
    return action(context, { ...request, repository, name, query: searchParams })
  }
  throw new RegistryError('UNSUPPORTED', { path: pathname }, { status: 404 })
}

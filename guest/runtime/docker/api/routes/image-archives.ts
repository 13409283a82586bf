/**
 * Engine API 1.51, tag Image: images made of archives and containers, and archives of images. The modules that serve
 * them are loaded at their first use.
 */
import type { Platform } from '../../../../protocol/api/content.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { ImageService } from '../../image/image-service.ts'
import type { EngineContext } from '../../state/context.ts'
import { validateConflicts } from '../../config/validate-network-mode.ts'
import { json, jsonLines, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'
import { alwaysErrorLine, withErrorLine } from '../error-line.ts'
import { configOf, createRequest } from '../bodies/container.ts'
import { readJsonOrNothing } from '../request-body.ts'
import { platformOf, pullImage } from './images.ts'

export function imageArchiveRoutes(context: EngineContext, images: ImageService): Route[] {
  return [
    { method: 'POST', pattern: '/commit', handler: (request) => commit(context, images, request) },
    {
      method: 'POST',
      pattern: '/images/create',
      handler: (request) =>
        request.query.text('fromImage') === ''
          ? importImage(context, images, request)
          : pullImage(images, request),
    },
    {
      method: 'GET',
      pattern: '/images/get',
      handler: (request) => save(context, images, request.query.all('names'), request),
    },
    {
      method: 'GET',
      pattern: '/images/{name*}/get',
      handler: (request, { name }) => save(context, images, [name!], request),
    },
    { method: 'POST', pattern: '/images/load', handler: (request) => load(context, images, request) },
  ]
}

async function commit(
  context: EngineContext,
  images: ImageService,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { query } = request
  // A body without content counts as none, even when the request announced a length.
  const body = (await readJsonOrNothing(request, createRequest)) ?? {}
  validateConflicts(body)
  const config = configOf(body)
  const container = context.containers.find(query.text('container'))
  const options = {
    repository: query.text('repo'),
    tag: query.text('tag'),
    author: query.text('author'),
    comment: query.text('comment'),
    pause: query.text('pause') === '' || query.flag('pause'),
    changes: query.all('changes'),
    config: Object.keys(config).length > 0 ? config : undefined,
  }
  const { commitContainer } = await import('../../archive/commit-container.ts')
  const id = await commitContainer(context, container, options, (image) => images.added(image))
  // The new image may have taken its name from another image.
  images.invalidate()
  return json({ Id: id }, 201)
}

async function importImage(
  context: EngineContext,
  images: ImageService,
  { query, body, signal }: ApiRequest,
): Promise<ApiResponse> {
  const source = query.text('fromSrc')
  if (source === '') throw new EngineError('invalid', 'one of fromImage and fromSrc is needed')
  const options = {
    source,
    repository: query.text('repo'),
    tag: query.text('tag'),
    message: query.text('message'),
    changes: query.all('changes'),
    platform: query.text('platform'),
  }
  const { importImage: run } = await import('../../archive/import-image.ts')
  const added = () => images.invalidate()
  return jsonLines(await withErrorLine(run(context, options, body.bytes(), { signal, added })))
}

/** The one platform that save or load asks for; undefined for none, and for clients of before the change. */
function archivePlatform(request: ApiRequest): Platform | undefined {
  const platform = platformOf(request, 'image-archive-platform')
  if (platform && request.query.all('platform').length > 1)
    throw new EngineError('invalid', 'multiple platform parameters not supported')
  return platform
}

async function save(
  context: EngineContext,
  images: ImageService,
  names: readonly string[],
  request: ApiRequest,
): Promise<ApiResponse> {
  const platform = archivePlatform(request)
  const [{ imagesToSave }, { saveImages }] = await Promise.all([
    import('../../archive/images-to-save.ts'),
    import('../../archive/save-images.ts'),
  ])
  const saved = await imagesToSave(images, names, platform)
  for (const { image } of saved) context.events.publish('image', 'save', image.id, { name: image.id })
  const { content, launcher, paths } = context
  const bytes = await saveImages({ content, launcher, blobs: paths.blobs }, saved)
  return { kind: 'stream', status: 200, contentType: 'application/x-tar', bytes }
}

async function load(
  { content, events }: EngineContext,
  images: ImageService,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { query, body } = request
  const options = { quiet: query.flag('quiet'), platform: archivePlatform(request) }
  const { loadImages } = await import('../../archive/load-images.ts')
  const deps = { content, images, publish: events.publish }
  return jsonLines(alwaysErrorLine(loadImages(deps, body.bytes(), options)))
}

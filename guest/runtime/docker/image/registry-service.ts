/** The engine's work with registries other than pulling; the content store sends the requests. */
import type {
  Digest,
  ManifestInspect,
  PushProgress,
  RegistryCredentials,
} from '../../../protocol/api/content.ts'
import type { AuthConfig, Filters, ImageSearchItem, JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ContentClient, PushOptions } from '../../host/channel/content-client.ts'
import type { EventSink } from '../events/event-bus.ts'
import { booleanFilter, checkFilters } from '../../../vocabulary/filters.ts'
import type { ImageService } from './image-service.ts'
import { progressStream } from './progress-stream.ts'
import { layerLine } from './pull-progress.ts'
import {
  type ImageReference,
  familiarReference,
  familiarRepository,
  formatReference,
  parseReference,
  withDefaultTag,
} from '../../../vocabulary/image-reference.ts'

export interface RegistryServiceDeps {
  content: ContentClient
  images: ImageService
  publish: EventSink
}

/** The key of Docker Hub in a client's configuration. */
const DOCKER_HUB = 'index.docker.io'
const SEARCH_LIMIT = { default: 25, least: 1, most: 100 }

export class RegistryService {
  readonly #deps: RegistryServiceDeps

  constructor(deps: RegistryServiceDeps) {
    this.#deps = deps
  }

  /**
   * Pushes, yielding Docker's JSON lines (moby distribution/push.go, push_v2.go).
   * @param tag empty for every tag of the repository
   */
  async *push(
    name: string,
    tag: string,
    auth: RegistryCredentials | undefined,
    signal?: AbortSignal,
  ): AsyncGenerator<JsonProgress> {
    const named = parseReference(tag === '' ? name : `${name}:${tag}`)
    if (named.digest !== undefined) throw new EngineError('invalid', 'cannot push a digest reference')
    yield { status: `The push refers to repository [${named.domain}/${named.path}]` }
    for (const reference of await this.#tagged(named)) {
      const options = { reference: formatReference(reference), ...(auth && { auth }) }
      const push = (report: (progress: PushProgress) => void) =>
        this.#deps.content.push(options, report, signal)
      const result = yield* progressStream(push, layerLine)
      const { tag } = reference
      yield { status: `${tag}: digest: ${result.digest} size: ${result.size}` }
      yield { progressDetail: {}, aux: { Tag: tag, Digest: result.digest, Size: result.size } }
    }
    this.#deps.publish('image', 'push', familiarReference(named), { name: familiarRepository(named) })
  }

  /** The local tags of the repository, or the single one that is named. */
  async #tagged(named: ImageReference): Promise<ImageReference[]> {
    const records = await this.#deps.images.all()
    const tags = records
      .flatMap(({ references }) => references.map(parseReference))
      .filter(({ domain, path, tag }) => domain === named.domain && path === named.path && tag !== undefined)
      .sort((a, b) => (a.tag! < b.tag! ? -1 : 1))
    if (tags.length === 0)
      throw new EngineError(
        'not-found',
        `An image does not exist locally with the tag: ${familiarRepository(named)}`,
      )
    if (named.tag === undefined) return tags
    const found = tags.filter(({ tag }) => tag === named.tag)
    if (found.length > 0) return found
    throw new EngineError('not-found', `tag does not exist: ${familiarReference(named)}`)
  }

  /**
   * Logs in.
   * @returns the token that replaces the password, when the registry gives one; else empty
   */
  async logIn(
    { username = '', password = '', identitytoken, serveraddress = '' }: AuthConfig,
    signal?: AbortSignal,
  ): Promise<string> {
    const host = serveraddress.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
    const domain = host === '' || host === DOCKER_HUB ? 'docker.io' : host
    const auth = identitytoken ? { username, identityToken: identitytoken } : { username, password }
    const { identityToken } = await this.#deps.content.login(domain, auth, signal)
    return identityToken ?? ''
  }

  inspect(
    name: string,
    auth: RegistryCredentials | undefined,
    signal?: AbortSignal,
  ): Promise<ManifestInspect> {
    return this.#deps.content.manifest(namedBy(name, auth), signal)
  }

  /** Puts a manifest, as Docker's client does itself (docker/cli internal/registryclient/client.go, PutManifest). */
  putManifest(
    name: string,
    mediaType: string,
    bytes: AsyncIterable<Uint8Array>,
    auth: RegistryCredentials | undefined,
    signal?: AbortSignal,
  ): Promise<{ digest: Digest }> {
    return this.#deps.content.putManifest(namedBy(name, auth), mediaType, bytes, signal)
  }

  /**
   * Mounts a blob of another repository, as Docker's client does itself (MountBlob).
   * @param from a repository of the same registry: `ann/app`
   */
  mount(
    name: string,
    { digest, from }: { digest: string; from: string },
    auth: RegistryCredentials | undefined,
    signal?: AbortSignal,
  ): Promise<{ mounted: boolean }> {
    const { domain } = parseReference(name)
    const { digest: checked } = parseReference(`${domain}/${from}@${digest}`)
    return this.#deps.content.mount(namedBy(name, auth), checked as Digest, from, signal)
  }

  /** Searches Docker Hub. Source: moby daemon/pkg/registry/search.go. */
  async search(term: string, limitText: string, filters: Filters): Promise<ImageSearchItem[]> {
    checkFilters(filters, ['is-automated', 'is-official', 'stars'])
    const automated = booleanFilter(filters, 'is-automated') ?? false
    const official = booleanFilter(filters, 'is-official')
    const stars = Math.max(0, ...(filters['stars'] ?? []).map(starsOf))
    const limit = limitOf(limitText)
    if (term.includes('://'))
      throw new EngineError(
        'invalid',
        `invalid repository name: repository name (${term}) should not have a scheme`,
      )
    const { domain, rest } = splitTerm(term)
    const found = await this.#deps.content.search(domain, rest)
    return found
      .filter((item) => !automated && stars === 0 && (official === undefined || item.official === official))
      .slice(0, limit)
      .map(({ name, description, official }) => ({
        star_count: 0,
        is_official: official,
        name,
        is_automated: false,
        description,
      }))
  }
}

function namedBy(name: string, auth: RegistryCredentials | undefined): PushOptions {
  return { reference: formatReference(withDefaultTag(parseReference(name))), ...(auth && { auth }) }
}

function starsOf(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw new EngineError('invalid', `invalid filter 'stars=${text}'`)
}

function limitOf(text: string): number {
  const limit = text === '' ? 0 : Number(text)
  if (!Number.isInteger(limit))
    throw new EngineError('invalid', `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (limit === 0) return SEARCH_LIMIT.default
  if (limit >= SEARCH_LIMIT.least && limit <= SEARCH_LIMIT.most) return limit
  throw new EngineError('invalid', `limit ${limit} is outside the range of [1, 100]`)
}

function splitTerm(term: string): { domain: string; rest: string } {
  const slash = term.indexOf('/')
  const first = term.slice(0, Math.max(0, slash))
  if (!/[.:]/.test(first) && first !== 'localhost') return { domain: 'docker.io', rest: term }
  const rest = term.slice(slash + 1)
  return first === 'docker.io' || first === DOCKER_HUB
    ? { domain: 'docker.io', rest: rest.replace(/^library\//, '') }
    : { domain: first, rest }
}

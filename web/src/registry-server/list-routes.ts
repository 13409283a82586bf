/** end-1, end-8 and the catalogue, which is the reference implementation's: https://distribution.github.io/distribution/spec/api/#catalog */
import type { RegistryContext, RouteRequest } from './registry-context.ts'
import { RegistryError } from './registry-error.ts'
import { answerJson, type RegistryResponse } from './registry-messages.ts'

/** Entries on a page of the catalogue when the client gives no number. */
const CATALOG_PAGE = 100

export function checkVersion(): Promise<RegistryResponse> {
  return Promise.resolve(answerJson(200, {}))
}

export async function listTags(
  { store }: RegistryContext,
  { repository, query }: RouteRequest,
): Promise<RegistryResponse> {
  const tags = await store.repositories.tags(repository)
  if (tags.length === 0 && (await store.repositories.manifests(repository)).size === 0)
    throw new RegistryError('NAME_UNKNOWN', { name: repository })
  const { entries, headers } = page(tags, `/v2/${repository}/tags/list`, query)
  return answerJson(200, { name: repository, tags: entries }, headers)
}

export async function listRepositories(
  { store }: RegistryContext,
  { query }: RouteRequest,
): Promise<RegistryResponse> {
  const repositories = await store.repositories.repositories()
  const { entries, headers } = page(repositories, '/v2/_catalog', query, CATALOG_PAGE)
  return answerJson(200, { repositories: entries }, headers)
}

/** At most `n` of the names after `last`, and a link (RFC 8288) to the rest. */
function page(
  names: readonly string[],
  path: string,
  query: URLSearchParams,
  fallback?: number,
): { entries: string[]; headers: Record<string, string> } {
  const given = query.get('n')
  const count = given === null ? (fallback ?? names.length) : Number(given)
  if (!Number.isSafeInteger(count) || count < 0 || given?.trim() === '')
    throw new RegistryError('PAGINATION_NUMBER_INVALID', { n: given })
  const last = query.get('last') ?? ''
  const rest = [...names].sort().filter((name) => name > last)
  const entries = rest.slice(0, count)
  if (entries.length === 0 || entries.length === rest.length) return { entries, headers: {} }
  const next = new URLSearchParams({ last: entries.at(-1)!, n: String(count) })
  return { entries, headers: { link: `<${path}?${next}>; rel="next"` } }
}

/** Image references as distribution/reference reads and shortens them: `nginx` is docker.io/library/nginx:latest. */
import { CliError } from '../../shared/cli-error.ts'

export interface ImageReference {
  domain: string
  /** Below the domain: `library/nginx`. */
  path: string
  tag: string | undefined
  digest: string | undefined
}

const DEFAULT_DOMAIN = 'docker.io'

const PATH = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/

/** A whole or short image id rather than a name. */
export const isImageId = (text: string): boolean => /^(sha256:)?[0-9a-f]{64}$/.test(text)

/** @throws CliError with Docker's sentence */
export function parseReference(text: string): ImageReference {
  if (/^[0-9a-f]{64}$/.test(text)) {
    throw new CliError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  }
  const [named, digest] = splitLast(text, '@')
  const slash = named.lastIndexOf('/')
  const colon = named.lastIndexOf(':')
  const tag = colon > slash ? named.slice(colon + 1) : undefined
  const name = colon > slash ? named.slice(0, colon) : named
  const first = name.split('/')[0]!
  const hasDomain =
    name.includes('/') && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const domain = hasDomain ? first : DEFAULT_DOMAIN
  const rest = hasDomain ? name.slice(first.length + 1) : name
  const path = domain === DEFAULT_DOMAIN && !rest.includes('/') ? `library/${rest}` : rest
  if (rest.toLowerCase() !== rest) {
    throw new CliError(`invalid reference format: repository name (${path}) must be lowercase`)
  }
  const badTag = tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)
  const badDigest = digest !== undefined && !/^[a-z0-9]+([+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/.test(digest)
  if (!PATH.test(rest) || badTag || badDigest) throw new CliError('invalid reference format')
  return { domain: domain === 'index.docker.io' ? DEFAULT_DOMAIN : domain, path, tag, digest }
}

function splitLast(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** Without tag or digest: `docker.io/library/nginx`. */
export const fullRepository = ({ domain, path }: ImageReference): string => `${domain}/${path}`

/** Whole: `docker.io/library/nginx:latest`. `latest` unless there is a tag or a digest. */
export function fullName(reference: ImageReference): string {
  const { tag, digest } = reference
  const named = tag ?? (digest === undefined ? 'latest' : undefined)
  return `${fullRepository(reference)}${named === undefined ? '' : `:${named}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Without tag or digest, shortened: `nginx`, `user/app`, `registry.local/app`. */
export function familiarRepository({ domain, path }: ImageReference): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`
  return path.startsWith('library/') ? path.slice('library/'.length) : path
}

/** Shortened, with a tag: `latest` unless there is a tag or a digest. */
export function familiarName(reference: ImageReference): string {
  const { tag, digest } = reference
  const suffix = tag === undefined && digest === undefined ? ':latest' : tag === undefined ? '' : `:${tag}`
  return `${familiarRepository(reference)}${suffix}${digest === undefined ? '' : `@${digest}`}`
}

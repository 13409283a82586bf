/** Image references: https://github.com/distribution/reference. `busybox` is `docker.io/library/busybox:latest`. */
import { EngineError } from '../../../protocol/errors.ts'

export interface ImageReference {
  domain: string
  /** `library/busybox`. */
  path: string
  tag?: string
  digest?: string
}

const DEFAULT_DOMAIN = 'docker.io'
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/
const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?$/

const invalid = (text: string, reason = 'invalid reference format') =>
  new EngineError('invalid', reason, { reference: text })

/** Throws `invalid` in Docker's words. Neither tag nor digest: both absent, see `withTag`. */
export function parseReference(text: string): ImageReference {
  if (/^[0-9a-f]{64}$/.test(text))
    throw invalid(text, `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  const [named = '', digest] = text.split('@')
  const slash = named.lastIndexOf('/')
  const colon = named.indexOf(':', slash + 1)
  const name = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  const first = name.slice(0, Math.max(0, name.indexOf('/')))
  const isDomain =
    first !== '' && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const domain = isDomain ? first.replace('index.docker.io', DEFAULT_DOMAIN) : DEFAULT_DOMAIN
  const rest = isDomain ? name.slice(first.length + 1) : name
  const path = domain === DEFAULT_DOMAIN && !rest.includes('/') ? `library/${rest}` : rest
  // The name is shown as it is completed, `library/` included: distribution/reference, ParseNormalizedNamed.
  if (path !== path.toLowerCase())
    throw invalid(text, `invalid reference format: repository name (${path}) must be lowercase`)
  if (!PATH.test(path) || !DOMAIN.test(domain)) throw invalid(text)
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text)
  if (digest !== undefined && !DIGEST.test(digest)) throw invalid(text)
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

/** `latest` when there is neither tag nor digest. */
export const withTag = (reference: ImageReference): ImageReference =>
  reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference

const suffix = ({ tag, digest }: ImageReference) =>
  `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`

/** As the content store keeps it. */
export const formatReference = (reference: ImageReference): string =>
  `${reference.domain}/${reference.path}${suffix(reference)}`

export const familiarRepository = ({ domain, path }: ImageReference): string =>
  domain === DEFAULT_DOMAIN ? path.replace(/^library\//, '') : `${domain}/${path}`

/** As Docker shows it. */
export const familiarReference = (reference: ImageReference): string =>
  familiarRepository(reference) + suffix(reference)

/**
 * The name that a request gives an image, in two parameters (moby api/server/httputils/form.go, RepoTagReference).
 * A tag in `repository` gives way to `tag`.
 */
export function repoTagReference(repository: string, tag: string): ImageReference {
  const named = parseReference(repository)
  if (named.digest !== undefined) throw invalid(repository, 'cannot import digest reference')
  if (tag === '') return withTag(named)
  if (!TAG.test(tag)) throw invalid(tag, 'invalid tag format')
  return { ...named, tag }
}

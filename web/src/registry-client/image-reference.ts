/**
 * Image references as Docker reads them: grammar and error sentences of github.com/distribution/reference
 * (reference.go, normalize.go).
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { parseDigest } from '../content/digest.ts'

export interface ImageReference {
  /** Registry host, e.g. `docker.io`, `localhost:5000`. */
  domain: string
  /** Repository, e.g. `library/busybox`. */
  path: string
  tag?: string
  digest?: Digest
}

const DEFAULT_DOMAIN = 'docker.io'
const LEGACY_DOMAIN = 'index.docker.io'
const OFFICIAL = 'library/'
const DEFAULT_TAG = 'latest'
const NAME_MAX = 255

const COMPONENT = '[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*'
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const HOST = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = new RegExp(`^(?:${HOST}(?:[.]${HOST})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?$`)
const TAG = /^[\w][\w.-]{0,127}$/
const IDENTIFIER = /^[a-f0-9]{64}$/

/**
 * Fills in what people leave out: `busybox` is `docker.io/library/busybox:latest`.
 * @throws EngineError `invalid`
 */
export function parseReference(text: string): ImageReference {
  if (IDENTIFIER.test(text))
    throw new EngineError(
      'invalid',
      `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`,
    )
  const { domain, rest } = splitDomain(text)
  const at = rest.indexOf('@')
  const named = at < 0 ? rest : rest.slice(0, at)
  const colon = named.indexOf(':')
  const path = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  if (path.toLowerCase() !== path)
    throw new EngineError('invalid', `invalid reference format: repository name (${path}) must be lowercase`)
  if (!DOMAIN.test(domain) || !PATH.test(path) || (tag !== undefined && !TAG.test(tag)))
    throw new EngineError('invalid', 'invalid reference format')
  if (`${domain}/${path}`.length > NAME_MAX)
    throw new EngineError('invalid', `repository name must not be more than ${NAME_MAX} characters`)
  const digest = at < 0 ? undefined : parseDigest(rest.slice(at + 1))
  if (tag === undefined && digest === undefined) return { domain, path, tag: DEFAULT_TAG }
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

/** The one spelling under which the store keeps a reference: a digest says all, so a tag beside it is dropped. */
export function formatReference({ domain, path, tag, digest }: ImageReference): string {
  return digest === undefined ? `${domain}/${path}:${tag}` : `${domain}/${path}@${digest}`
}

/** As people write it: without the default domain and `library/`. */
export function familiarName({ domain, path }: ImageReference): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`
  return path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path
}

export function familiarReference(reference: ImageReference): string {
  const { tag, digest } = reference
  return familiarName(reference) + (digest === undefined ? `:${tag}` : `@${digest}`)
}

function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(0, slash))
  const isHost = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first
  let domain = DEFAULT_DOMAIN
  let rest = text
  if (slash >= 0 && isHost) {
    domain = first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first
    rest = text.slice(slash + 1)
  }
  if (domain === DEFAULT_DOMAIN && !rest.includes('/')) rest = OFFICIAL + rest
  return { domain, rest }
}

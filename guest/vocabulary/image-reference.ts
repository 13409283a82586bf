/**
 * Image references, grammar and sentences of github.com/distribution/reference 0.6 (normalize.go, reference.go, regexp.go),
 * which Docker 28.5 uses: `busybox` means `docker.io/library/busybox`, with the tag `latest` where one is needed.
 */
import { EngineError } from '../protocol/errors.ts'
import type { Digest } from '../protocol/api/oci-image.ts'
import { isDigest, parseDigest } from './digest.ts'

export interface ImageReference {
  /**
   * The registry's host and perhaps port: `docker.io`, `localhost:5000`, `[::1]:5000`. Empty when what stands before the first
   * slash has a dot or a colon but is no host (`a_b.c/x`): Docker then has a name without a registry.
   */
  domain: string
  /** The repository: `library/busybox`. */
  path: string
  tag?: string
  digest?: Digest
}

const DEFAULT_DOMAIN = 'docker.io'
const LEGACY_DOMAIN = 'index.docker.io'
const OFFICIAL = 'library/'
const DEFAULT_TAG = 'latest'
/** RepositoryNameTotalLengthMax; the domain does not count. */
const PATH_LIMIT = 255

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const TAG = /^\w[\w.-]{0,127}$/
/** Matches more than go-digest takes; parseDigest then says what is wrong. */
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const IDENTIFIER = /^[0-9a-f]{64}$/

const invalid = (text: string, sentence = 'invalid reference format') =>
  new EngineError('invalid', sentence, { reference: text })

/** True for a whole image id: 64 hexadecimal digits, or a digest. */
export const isImageId = (text: string): boolean => IDENTIFIER.test(text) || isDigest(text)

/**
 * ParseNormalizedNamed: adds no tag to a text without one; withDefaultTag does.
 * @throws EngineError `invalid` in Docker's words
 */
export function parseReference(text: string): ImageReference {
  if (IDENTIFIER.test(text))
    throw invalid(text, `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  const { host, remainder } = splitHost(text)
  const beforeTag = remainder.split(':', 1)[0]!
  if (beforeTag !== beforeTag.toLowerCase())
    throw invalid(text, `invalid reference format: repository name (${beforeTag}) must be lowercase`)
  const at = remainder.indexOf('@')
  const digestText = at < 0 ? undefined : remainder.slice(at + 1)
  const [name, tag] = cut(at < 0 ? remainder : remainder.slice(0, at), ':')
  const named = DOMAIN.test(host) ? { domain: host, path: name } : { domain: '', path: `${host}/${name}` }
  if (!PATH.test(named.path) || (tag !== undefined && !TAG.test(tag))) throw invalid(text)
  if (digestText !== undefined && !DIGEST.test(digestText)) throw invalid(text)
  if (named.path.length > PATH_LIMIT)
    throw invalid(text, `repository name must not be more than ${PATH_LIMIT} characters`)
  const digest = digestText === undefined ? undefined : parseDigest(digestText)
  return { ...named, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** splitDockerDomain. A name of one component is never a host: `localhost:5000` is the tag 5000 of an image. */
function splitHost(text: string): { host: string; remainder: string } {
  const [first, rest] = cut(text, '/')
  if (rest === undefined) return { host: DEFAULT_DOMAIN, remainder: OFFICIAL + text }
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase()
  const host = !isHost || first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first
  const remainder = isHost ? rest : text
  return host === DEFAULT_DOMAIN && !remainder.includes('/')
    ? { host, remainder: OFFICIAL + remainder }
    : { host, remainder }
}

/** TagNameOnly: `latest` when there is neither tag nor digest. */
export const withDefaultTag = (reference: ImageReference): ImageReference =>
  reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: DEFAULT_TAG }
    : reference

/** WithTag: replaces the tag. @throws EngineError `invalid` when `tag` is not a valid tag */
export function withTag(reference: ImageReference, tag: string): ImageReference {
  if (!TAG.test(tag)) throw invalid(tag, 'invalid tag format')
  return { ...reference, tag }
}

/**
 * ParseDockerRef: the result has a tag or a digest; of both only the digest stays, as it says all. @throws EngineError
 * `invalid`
 */
export function parseDockerReference(text: string): ImageReference {
  const { domain, path, tag = DEFAULT_TAG, digest } = parseReference(text)
  return digest === undefined ? { domain, path, tag } : { domain, path, digest }
}

const suffix = ({ tag, digest }: ImageReference): string =>
  `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`

/** The name without tag or digest: `docker.io/library/nginx`. */
export const repositoryName = ({ domain, path }: ImageReference): string =>
  domain === '' ? path : `${domain}/${path}`

/** The whole reference, as the content store keeps it: `docker.io/library/nginx:latest`. */
export const formatReference = (reference: ImageReference): string =>
  repositoryName(reference) + suffix(reference)

/** FamiliarName, as Docker shows repositories: `nginx`, `user/app`, `registry.local/app`. */
export function familiarRepository(reference: ImageReference): string {
  const { domain, path } = reference
  if (domain !== DEFAULT_DOMAIN) return repositoryName(reference)
  const isOfficial = path.startsWith(OFFICIAL) && !path.includes('/', OFFICIAL.length)
  return isOfficial ? path.slice(OFFICIAL.length) : path
}

/** FamiliarString, as Docker shows references. */
export const familiarReference = (reference: ImageReference): string =>
  familiarRepository(reference) + suffix(reference)

/**
 * The name that a request gives an image, in two parameters (moby api/server/httputils/form.go, RepoTagReference).
 * A tag in `repository` gives way to `tag`. @throws EngineError `invalid`
 */
export function repoTagReference(repository: string, tag: string): ImageReference {
  const named = parseReference(repository)
  if (named.digest !== undefined) throw invalid(repository, 'cannot import digest reference')
  return tag === '' ? withDefaultTag(named) : withTag(named, tag)
}

/**
 * @throws EngineError `invalid` for the name `sha256`: `sha256:latest` would read as a digest (moby
 * api/server/router/image/image_routes.go, postImagesTag)
 */
export function refuseAmbiguousTag(reference: ImageReference): void {
  if (familiarRepository(reference) === 'sha256')
    throw invalid(
      formatReference(reference),
      'refusing to create an ambiguous tag using digest algorithm as name',
    )
}

/**
 * Registry authentication: challenges (RFC 9110 §11.6.1) and Docker's token protocol,
 * https://distribution.github.io/distribution/spec/auth/token/, …/spec/auth/oauth/
 */
import type { RegistryCredentials } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import type { Fetch } from '../catalogue/http-bytes.ts'
import { isLoopback } from './registry-origin.ts'

export interface Challenge {
  /** Lower case. */
  scheme: string
  parameters: Record<string, string>
}

export interface TokenRequest {
  challenge: Challenge
  /** For instance `repository:ann/app:pull,push`; empty to log in. */
  scopes: readonly string[]
  credentials: RegistryCredentials | undefined
  /** Asks for an identity token, which stands for the password from then on. */
  offline?: boolean
}

interface Token {
  token: string
  identityToken?: string
  /** Milliseconds since the epoch. */
  expires: number
}

const CLIENT_ID = 'docker'
/** Seconds that a token lives when it doesn't say; also the time that a request may take on its way. */
const DEFAULT_LIFETIME = 60
const MARGIN = 10 * 1000

/** The challenges of a WWW-Authenticate header; values may be tokens or quoted strings. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = []
  const pattern =
    /([A-Za-z0-9._~+-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([A-Za-z0-9._~+-]+)(?=\s|,|$)/g
  for (const [, name, quoted, token, scheme] of header.matchAll(pattern)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} })
    else challenges.at(-1)!.parameters[name!.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''
  }
  return challenges
}

/** Keeps tokens by realm, service, scope and user until they run out. */
export class TokenCache {
  private readonly tokens = new Map<string, Token>()

  /**
   * Rejects with EngineError `unauthorized`, `unavailable` or `corrupt`.
   * @param fresh true when the registry refused the last token, so that a cached one is of no use
   */
  async get(request: TokenRequest, fetch: Fetch, fresh: boolean): Promise<Token> {
    const { challenge, scopes, credentials, offline } = request
    const { realm, service } = challenge.parameters
    const key = JSON.stringify([realm, service, scopes, credentials, offline])
    const known = this.tokens.get(key)
    if (!fresh && known !== undefined && known.expires - MARGIN > Date.now()) return known
    const token = await fetchToken(request, fetch)
    this.tokens.set(key, token)
    return token
  }
}

/** HTTP Basic sends the user's name and password with every request. */
export function basic({ username = '', password = '' }: RegistryCredentials): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

async function fetchToken(request: TokenRequest, fetch: Fetch): Promise<Token> {
  const { realm, service } = request.challenge.parameters
  if (realm === undefined || !URL.canParse(realm))
    throw new EngineError('corrupt', 'the registry asks for a token but does not say where to get one')
  const url = new URL(realm)
  if (url.protocol !== 'https:' && !isLoopback(url.host))
    throw new EngineError(
      'forbidden',
      `credentials are not sent in clear text: the registry asks for them at ${realm}`,
    )
  const response = await askForToken(url, service, request, fetch)
  if (response.status === 401 || response.status === 403)
    throw new EngineError('unauthorized', 'unauthorized: incorrect username or password')
  if (!response.ok)
    throw new EngineError('unavailable', `${url.origin} gave no token: it answered ${response.status}`)
  // A body that is not JSON holds no token either.
  const answer: unknown = await response.json().catch(() => undefined)
  const body = isRecord(answer) ? answer : {}
  const token = body['token'] ?? body['access_token']
  if (typeof token !== 'string') throw new EngineError('corrupt', `${url.origin} answered without a token`)
  const lifetime = typeof body['expires_in'] === 'number' ? body['expires_in'] : DEFAULT_LIFETIME
  const identityToken = body['refresh_token']
  return {
    token,
    expires: Date.now() + lifetime * 1000,
    ...(typeof identityToken === 'string' && { identityToken }),
  }
}

function askForToken(
  url: URL,
  service: string | undefined,
  { scopes, credentials, offline }: TokenRequest,
  fetch: Fetch,
): Promise<Response> {
  if (credentials?.identityToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: CLIENT_ID,
      refresh_token: credentials.identityToken,
      ...(service !== undefined && { service }),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    })
    return fetch(url, { method: 'POST', body: form })
  }
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  if (!hasPassword(credentials)) return fetch(url)
  url.searchParams.set('account', credentials.username)
  if (offline === true) {
    url.searchParams.set('offline_token', 'true')
    url.searchParams.set('client_id', CLIENT_ID)
  }
  return fetch(url, { headers: { Authorization: basic(credentials) } })
}

export function hasPassword(
  credentials: RegistryCredentials | undefined,
): credentials is RegistryCredentials & { username: string; password: string } {
  return Boolean(credentials?.username) && credentials?.password !== undefined
}

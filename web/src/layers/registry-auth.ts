/**
 * Registry authentication: challenges (RFC 9110 §11.6.1) and Docker's token protocol,
 * https://distribution.github.io/distribution/spec/auth/token/
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Fetch } from './http-bytes.ts'

export interface Credentials {
  username: string
  password: string
}

export interface Challenge {
  /** Lower case. */
  scheme: string
  parameters: Record<string, string>
}

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

/**
 * The Authorization header that answers a 401. Rejects with EngineError `unauthorized` when the registry wants
 * credentials that there are none of.
 */
export async function answerChallenge(
  header: string,
  scope: string,
  credentials: Credentials | undefined,
  fetch: Fetch,
): Promise<string> {
  const challenges = parseChallenges(header)
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  if (bearer !== undefined) return `Bearer ${await fetchToken(bearer, scope, credentials, fetch)}`
  if (challenges.some(({ scheme }) => scheme === 'basic') && credentials !== undefined)
    return basic(credentials)
  throw new EngineError('unauthorized', 'no basic auth credentials')
}

async function fetchToken(
  { parameters }: Challenge,
  scope: string,
  credentials: Credentials | undefined,
  fetch: Fetch,
): Promise<string> {
  const realm = parameters['realm']
  if (realm === undefined || !URL.canParse(realm))
    throw new EngineError('corrupt', 'the registry asks for a token but does not say where to get one')
  const url = new URL(realm)
  if (parameters['service'] !== undefined) url.searchParams.set('service', parameters['service'])
  url.searchParams.set('scope', parameters['scope'] ?? scope)
  const response = await fetch(url, credentials && { headers: { Authorization: basic(credentials) } })
  if (response.status === 401 || response.status === 403)
    throw new EngineError('unauthorized', 'unauthorized: incorrect username or password')
  if (!response.ok)
    throw new EngineError('unavailable', `${url.origin} gave no token: it answered ${response.status}`)
  const body = (await response.json()) as { token?: unknown; access_token?: unknown }
  const token = body.token ?? body.access_token
  if (typeof token !== 'string') throw new EngineError('corrupt', `${url.origin} answered without a token`)
  return token
}

function basic({ username, password }: Credentials): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

/**
 * Sends requests to one registry, authenticated as it asks for; failures say what is wrong. The page's fetch reaches a
 * remote registry, which must therefore allow other origins (CORS). fetch follows redirects, and drops the
 * Authorization header on the way to another origin.
 */
import type { RegistryCredentials } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import { explainUnreachable } from './explain-unreachable.ts'
import type { Fetch } from '../catalogue/http-bytes.ts'
import { basic, hasPassword, parseChallenges, TokenCache } from './registry-auth.ts'
import { LOCAL_REGISTRY, registryOrigin } from './registry-origin.ts'

export interface SessionOptions {
  credentials?: RegistryCredentials
  fetch?: Fetch
  tokens?: TokenCache
  /** The origin that is asked instead of the registry's own: see registry-mirrors.ts. */
  mirror?: string
}

export interface RegistryCall {
  method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** A path of the registry, or the address in an answer's Location. */
  url: string
  /** The scopes that a token must have. */
  scopes: readonly string[]
  headers?: Record<string, string>
  body?: Uint8Array
  /** Ends the call and its answer's body, whether it waits for the registry or for the token server. */
  signal?: AbortSignal
}

export class RegistrySession {
  readonly domain: string
  readonly origin: string
  readonly isMirrored: boolean
  private readonly fetch: Fetch
  private readonly credentials: RegistryCredentials | undefined
  private readonly tokens: TokenCache
  /** Authorization headers by scopes. */
  private readonly authorizations = new Map<string, string>()

  constructor(domain: string, options: SessionOptions = {}) {
    this.domain = domain
    this.origin = options.mirror ?? registryOrigin(domain)
    this.isMirrored = options.mirror !== undefined
    this.fetch = options.fetch ?? ((input, init) => fetch(input, init))
    this.credentials = options.credentials
    this.tokens = options.tokens ?? new TokenCache()
  }

  /** True for the page's registry, which mounts content that no repository has. */
  get isLocal(): boolean {
    return this.domain === LOCAL_REGISTRY
  }

  /**
   * Resolves with any answer, except a 401 that credentials can satisfy. Rejects with EngineError `unauthorized` when
   * the registry wants credentials and there are none, `unavailable` when it can't be reached.
   */
  async request(call: RegistryCall): Promise<Response> {
    const scope = call.scopes.join(' ')
    const response = await this.send(call, this.authorizations.get(scope))
    // A storage server that the registry redirects to must not get the credentials by a challenge of its own.
    if (response.status !== 401 || !this.isOwn(response.url || call.url)) return response
    await response.body?.cancel()
    const authorization = await this.authorize(response, call, this.authorizations.has(scope))
    this.authorizations.set(scope, authorization)
    return this.send(call, authorization)
  }

  /** The identity token that stands for the credentials, if the registry gives one. Rejects `unauthorized`. */
  async logIn(signal?: AbortSignal): Promise<string | undefined> {
    const call: RegistryCall = { url: '/v2/', scopes: [], signal }
    const response = await this.send(call, undefined)
    const challenges = parseChallenges(response.headers.get('www-authenticate') ?? '')
    const challenge = challenges.find(({ scheme }) => scheme === 'bearer')
    if (response.status !== 401 || challenge === undefined) {
      const answer = response.status === 401 ? await this.request(call) : response
      this.requireLogIn(answer)
      return undefined
    }
    const { credentials } = this
    const request = { challenge, scopes: [], credentials, offline: true }
    const token = await this.tokens.get(request, this.reachUntil(signal), true)
    this.requireLogIn(await this.send(call, `Bearer ${token.token}`))
    return token.identityToken
  }

  private requireLogIn({ ok, status, statusText }: Response): void {
    if (ok) return
    const words = `login attempt to ${this.origin}/v2/ failed with status: ${status} ${statusText}`.trim()
    throw new EngineError(status === 401 || status === 403 ? 'unauthorized' : 'unavailable', words)
  }

  private isOwn(url: string): boolean {
    return new URL(url, this.origin).origin === this.origin
  }

  private send(call: RegistryCall, authorization?: string): Promise<Response> {
    const { method, url, headers, body, signal } = call
    const target = new URL(url, this.origin)
    // The registry chooses where an upload is sent to, but not who sees the credentials.
    const own = this.isOwn(url) && authorization !== undefined
    return this.reachUntil(signal)(target.href, {
      method: method ?? 'GET',
      headers: { ...headers, ...(own && { Authorization: authorization }) },
      ...(body !== undefined && { body: body as BodyInit }),
    })
  }

  /** A fetch that the signal ends. */
  private reachUntil(signal: AbortSignal | undefined): Fetch {
    const fetch: Fetch = (input, init) =>
      unlessAborted(this.fetch(input, { ...init, signal }), signal, discard)
    return async (input, init) => {
      try {
        return await fetch(input, init)
      } catch (error) {
        if (signal?.aborted === true) throw EngineError.from(signal.reason)
        throw await explainUnreachable(fetch, String(input), init, error)
      }
    }
  }

  /** The Authorization header that answers a 401. */
  private async authorize(
    { headers }: Response,
    { scopes, signal }: RegistryCall,
    fresh: boolean,
  ): Promise<string> {
    const { credentials } = this
    if (credentials?.registryToken !== undefined) return `Bearer ${credentials.registryToken}`
    const header = headers.get('www-authenticate')
    const challenges = parseChallenges(header ?? '')
    const challenge = challenges.find(({ scheme }) => scheme === 'bearer')
    if (challenge !== undefined) {
      const asked = challenge.parameters['scope']
      const all = [...new Set([...scopes, ...(asked === undefined ? [] : [asked])])]
      const request = { challenge, scopes: all, credentials }
      const { token } = await this.tokens.get(request, this.reachUntil(signal), fresh)
      return `Bearer ${token}`
    }
    // Browsers show the header only to pages that the registry lets see it; without it the credentials go by HTTP
    // Basic.
    const isBasic = challenges.some(({ scheme }) => scheme === 'basic') || header === null
    if (isBasic && hasPassword(credentials)) return basic(credentials)
    if (header === null)
      throw new EngineError(
        'unauthorized',
        `${this.origin} asks for authentication, but hides from web pages of other sites how (CORS): its answers lack WWW-Authenticate in Access-Control-Expose-Headers`,
      )
    throw new EngineError('unauthorized', 'no basic auth credentials')
  }
}

function discard({ body }: Response): void {
  void body?.cancel()
}

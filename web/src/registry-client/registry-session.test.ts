import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RegistryCredentials } from '../../../guest/protocol/api/content.ts'
import { TokenCache } from './registry-auth.ts'
import { RegistrySession } from './registry-session.ts'

const USER = { username: 'ann', password: 'pä:ss' }
const BASIC = `Basic ${Buffer.from('ann:pä:ss').toString('base64')}`
const IDENTITY = 'identity-of-ann'
const PULL = 'repository:ann/app:pull'
const PUSH = 'repository:ann/app:pull,push'

/** A registry that wants tokens, and the server that gives them, for their scopes and 100 seconds. */
describe('a session with a registry that wants tokens', () => {
  let server: Server
  let realm: string
  let asked: { scopes: string[]; how: string; query: URLSearchParams }[]
  let refused: string[]
  let session: RegistrySession
  let tokens: TokenCache

  const domain = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = (credentials?: RegistryCredentials): RegistrySession =>
    new RegistrySession(domain(), { credentials, tokens })

  async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    return new URLSearchParams(Buffer.concat(parts).toString())
  }

  async function giveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await bodyOf(request)
    const query = request.method === 'POST' ? form : new URL(request.url!, 'http://x').searchParams
    const { authorization } = request.headers
    const how = form.get('refresh_token') ?? authorization ?? 'anonymous'
    const scopes = query.getAll('scope').flatMap((scope) => scope.split(' '))
    asked.push({ scopes, how, query })
    if (![BASIC, IDENTITY, 'anonymous'].includes(how)) return void response.writeHead(401).end()
    const token = `${asked.length}:${scopes.join(' ')}`
    const offline = query.get('offline_token') === 'true'
    response.end(
      JSON.stringify({ access_token: token, expires_in: 100, ...(offline && { refresh_token: IDENTITY }) }),
    )
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1]
    const needed = request.method === 'GET' ? PULL : PUSH
    const scopes = token?.slice(token.indexOf(':') + 1).split(' ') ?? []
    const isRoot = request.url === '/v2/'
    const enough = isRoot || scopes.includes(needed) || scopes.includes(PUSH)
    if (token !== undefined && !refused.includes(token) && enough) return void response.end('{}')
    const scope = isRoot ? '' : `,scope="${needed}"`
    response.setHeader('WWW-Authenticate', `Bearer realm="${realm}",service="test"${scope}`)
    response.writeHead(401).end()
  }

  beforeEach(async () => {
    asked = []
    refused = []
    tokens = new TokenCache()
    server = createServer((request, response) =>
      request.url!.startsWith('/token') ? void giveToken(request, response) : answer(request, response),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    realm = `http://${domain()}/token`
    session = open(USER)
  })

  afterEach(() => {
    vi.useRealTimers()
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })

  const get = (url = '/v2/ann/app/manifests/v1', scopes = [PULL]): Promise<Response> =>
    session.request({ url, scopes })

  it('asks once for each scope, whoever asks', async () => {
    expect((await get()).status).toBe(200)
    expect((await get()).status).toBe(200)
    session = open(USER)
    expect((await get()).status).toBe(200)
    expect(asked).toMatchObject([{ scopes: [PULL], how: BASIC }])
    await session.request({ method: 'POST', url: '/v2/ann/app/blobs/uploads/', scopes: [PUSH] })
    expect(asked.at(-1)!.scopes).toContain(PUSH)
    expect(asked).toHaveLength(2)
    expect(asked[0]!.query.get('service')).toBe('test')
    expect(asked[0]!.query.get('account')).toBe('ann')
  })

  it('keeps the tokens of different users apart', async () => {
    await get()
    session = open()
    await get()
    expect(asked.map(({ how }) => how)).toEqual([BASIC, 'anonymous'])
  })

  it('asks again when a token has run out, and when the registry takes it no more', async () => {
    await get()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 95_000 })
    session = open(USER)
    await get()
    expect(asked).toHaveLength(2)
    refused.push(`2:${PULL}`)
    expect((await get()).status).toBe(200)
    expect(asked).toHaveLength(3)
  })

  it('gives up after one new token', async () => {
    refused.push(...Array.from({ length: 9 }, (_, index) => `${index + 1}:${PULL}`))
    expect((await get()).status).toBe(401)
    expect(asked).toHaveLength(1)
  })

  it('says whose fault it is when the token server refuses', async () => {
    session = open({ username: 'ann', password: 'wrong' })
    await expect(get()).rejects.toMatchObject({
      code: 'unauthorized',
      message: 'unauthorized: incorrect username or password',
    })
  })

  it('uses an identity token in the place of the password', async () => {
    session = open({ username: 'ann', identityToken: IDENTITY })
    expect((await get()).status).toBe(200)
    expect(asked).toMatchObject([{ scopes: [PULL], how: IDENTITY }])
    expect(asked[0]!.query.get('grant_type')).toBe('refresh_token')
  })

  it('sends a token of the caller’s own as it is', async () => {
    session = open({ registryToken: `own:${PULL}` })
    expect((await get()).status).toBe(200)
    expect(asked).toEqual([])
  })

  it('logs in with the password and gets the identity token', async () => {
    expect(await session.logIn()).toBe(IDENTITY)
    expect(asked[0]!.query.get('client_id')).toBe('docker')
    await expect(open({ ...USER, password: 'wrong' }).logIn()).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('sends credentials over an open line to nobody but this machine', async () => {
    realm = 'http://elsewhere.example/token'
    await expect(get()).rejects.toMatchObject({ code: 'forbidden' })
    expect(asked).toEqual([])
  })

  it('gives another host neither the token nor, for a challenge, the password', async () => {
    const seen: (string | undefined)[] = []
    const storage = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.setHeader('WWW-Authenticate', 'Basic realm="storage"').writeHead(401).end()
    })
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve))
    try {
      await get()
      const { port } = storage.address() as AddressInfo
      expect((await get(`http://127.0.0.1:${port}/upload`)).status).toBe(401)
      expect(seen).toEqual([undefined])
    } finally {
      storage.closeAllConnections()
      storage.close()
    }
  })
})

describe('what a page is not told', () => {
  /** Behaves as a browser where the registry allows what is named here and nothing else. */
  function browser(allowed: { read: boolean; methods?: string[]; headers?: string[]; redirect?: boolean }) {
    return (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
      const method = init.method ?? 'GET'
      const headers = [...new Headers(init.headers).keys()]
      const denied =
        !allowed.read ||
        !['GET', 'POST', ...(allowed.methods ?? [])].includes(method) ||
        headers.some((name) => !(allowed.headers ?? []).includes(name))
      const toStorage = allowed.redirect === true && !String(input).endsWith('/v2/')
      if (init.mode === 'no-cors') return Promise.resolve(new Response())
      if (toStorage && init.redirect === 'manual')
        return Promise.resolve(Response.redirect('https://storage/'))
      return denied || toStorage
        ? Promise.reject(new TypeError('Failed to fetch'))
        : Promise.resolve(new Response(null, { status: 401 }))
    }
  }

  const request = (allowed: Parameters<typeof browser>[0], call: Parameters<RegistrySession['request']>[0]) =>
    new RegistrySession('quay.io', { fetch: browser(allowed) as typeof fetch }).request(call)

  it.each([
    ['Access-Control-Allow-Origin', { read: false }, {}],
    ['PUT in Access-Control-Allow-Methods', { read: true }, { method: 'PUT' as const }],
    [
      'content-range in Access-Control-Allow-Headers',
      { read: true },
      { headers: { 'Content-Range': '0-1' } },
    ],
    ['the storage’s answers lack the header Access-Control-Allow-Origin', { read: true, redirect: true }, {}],
    ['WWW-Authenticate in Access-Control-Expose-Headers', { read: true }, {}],
  ])('is named: %s', async (missing, allowed, call) => {
    const failed = request(allowed, { url: '/v2/a/blobs/x', scopes: [], ...call })
    await expect(failed).rejects.toThrow('https://quay.io')
    await expect(failed).rejects.toThrow(missing)
  })
})

/** The page's registry as a client in the guest has it: HTTP to the engine's listener, then a channel stream a request. */
import { createSocket } from 'node:dgram'
import { request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import dnsPacket from 'dns-packet'
import { EngineError } from '../../guest/protocol/errors.ts'
import { listenForDns } from '../../guest/runtime/host/net/dns-listener.ts'
import {
  listenOn,
  registryServer,
  type OpenRegistryStream,
} from '../../guest/runtime/host/net/registry-listener.ts'
import { answerGuestQuery } from '../../guest/runtime/docker/network/names/guest-names.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { ContentStore } from '../../web/src/content/content-store.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { createRegistry } from '../../web/src/registry-server/registry-handler.ts'
import { registryStreams } from '../../web/src/registry-server/registry-streams.ts'
import { byteStreamPair } from '../support/byte-stream-pair.ts'
import { describeRegistry, digestOf, OWN_FEATURES, RegistryCaller, type Send } from './registry.ts'

const keyValues = new MemoryKeyValueStore()
const registry = createRegistry(keyValues, new ContentStore(keyValues, new BlockCache(1 << 20)))
const handler = registryStreams(registry.handle, () => expect.fail('another service'))

let server: Server

const open: OpenRegistryStream = (head) => {
  const [ours, theirs] = byteStreamPair()
  void handler({ service: 'registry', request: head }, theirs)
  return Promise.resolve(ours)
}

async function listen(openStream: OpenRegistryStream): Promise<Server> {
  const made = registryServer(openStream)
  await listenOn(made, '127.0.0.1', 0)
  return made
}

const portOf = (of: Server): number => (of.address() as AddressInfo).port

const send: Send = (method, url, { headers = {}, body } = {}) =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: portOf(server), method, path: url, headers }
    const outgoing = request(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          header: (name) => (response.headers[name] as string | undefined) ?? null,
          bytes: Buffer.concat(parts),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })

beforeAll(async () => {
  server = await listen(open)
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describeRegistry('http://registry.local in the guest', () => Promise.resolve(send), OWN_FEATURES)

describe('the engine’s way to the registry', () => {
  let other: Server | undefined
  afterEach(() => {
    other?.closeAllConnections()
    other?.close()
  })

  it('carries more than a stream’s window both ways', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, index) => index * 7)
    const { digest } = await new RegistryCaller(send).putBlob('ann/big', bytes)
    const got = await send('GET', `/v2/ann/big/blobs/${digest}`)
    expect(digestOf(got.bytes)).toBe(digest)
  })

  it('answers though the request’s body is not wanted', async () => {
    const answer = await send('PUT', '/v2/ann/app/manifests/v1', {
      headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
      body: new Uint8Array(5_000_000),
    })
    expect(answer.status).toBe(413)
  })

  it('says why when there is no page', async () => {
    other = await listen(() =>
      Promise.reject(new EngineError('unavailable', 'the channel session ended: the page was closed')),
    )
    const response = await fetch(`http://127.0.0.1:${portOf(other)}/v2/`)
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('the page was closed')
  })

  it('breaks the connection when the page goes in the middle of an answer', async () => {
    const [ours, theirs] = byteStreamPair()
    other = await listen(() => Promise.resolve(ours))
    const head = { status: 200, headers: { 'content-length': '1000' } }
    void theirs.write(Buffer.from(`${JSON.stringify(head)}\nonly this`))
    const response = await fetch(`http://127.0.0.1:${portOf(other)}/v2/`)
    theirs.reset('the page was closed')
    await expect(response.text()).rejects.toThrow('terminated')
  })
})

describe('the guest’s name server', () => {
  const ask = async (name: string, type: 'A' | 'AAAA' = 'A'): Promise<dnsPacket.DecodedPacket> => {
    const served = await listenForDns('127.0.0.1', 0, answerGuestQuery, (error) => expect.fail(String(error)))
    const socket = createSocket('udp4')
    try {
      return await new Promise((resolve) => {
        socket.on('message', (answer) => resolve(dnsPacket.decode(answer)))
        const query = dnsPacket.encode({ type: 'query', id: 7, questions: [{ name, type }] })
        socket.send(query, served.port, '127.0.0.1')
      })
    } finally {
      socket.close()
      served.close()
    }
  }

  it('knows the registry', async () => {
    const { answers, id } = await ask('registry.local')
    expect([id, answers]).toMatchObject([7, [{ type: 'A', data: '198.18.0.1' }]])
    expect((await ask('Registry.LOCAL', 'AAAA')).answers).toEqual([])
  })

  it('says at once that there is no other name', async () => {
    const { answers, rcode } = (await ask('example.com')) as dnsPacket.DecodedPacket & { rcode: string }
    expect([answers, rcode]).toEqual([[], 'NXDOMAIN'])
  })
})

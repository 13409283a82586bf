import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { FakeRegistry, USER } from '../../../test/support/fake-registry.ts'
import { Layout, LayoutSite, type MadeImage } from '../../../test/support/make-layout.ts'
import { makeTar } from '../../../test/support/make-tar.ts'
import { createContent, type Content } from '../content-service/content-service.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { inspectManifest, pull, push } from './registry-calls.ts'
import { parseMirrors, RegistryMirrors } from './registry-mirrors.ts'

describe('registries.json', () => {
  test('names origins by registry', () => {
    const text = '{"docker.io": "https://mirror.school.example/", "ghcr.io": "http://localhost:5000"}'
    expect([...parseMirrors(text)]).toEqual([
      ['docker.io', 'https://mirror.school.example'],
      ['ghcr.io', 'http://localhost:5000'],
    ])
    expect(parseMirrors('{}').size).toBe(0)
  })

  test.each([
    ['[]', 'registries.json is not a JSON object'],
    ['{', 'registries.json is not JSON'],
    ['{"Docker Hub": "https://m.example"}', 'registries.json: "Docker Hub" is no registry as images name it'],
    ['{"https://docker.io": "https://m.example"}', '"https://docker.io" is no registry'],
    ['{"index.docker.io": "https://m.example"}', '"index.docker.io" is no registry'],
    ['{"registry.local": "https://m.example"}', '"registry.local" is no registry'],
    ['{"docker.io": 5}', 'registries.json: "docker.io" must be an address without a path'],
    ['{"docker.io": "m.example"}', '"docker.io" must be an address'],
    ['{"docker.io": "http://m.example"}', '"docker.io" must be an address'],
    ['{"docker.io": "https://m.example/hub"}', '"docker.io" must be an address'],
    ['{"docker.io": "https://ann:secret@m.example"}', '"docker.io" must be an address'],
  ])('%s is refused', (text, why) => {
    expect(() => parseMirrors(text)).toThrow(why)
  })

  const mirrorsOf = (read: () => Promise<Uint8Array>) => new RegistryMirrors({ read })

  test('is read once, and not for registries of this machine', async () => {
    let reads = 0
    const mirrors = mirrorsOf(() => {
      reads++
      return Promise.resolve(new TextEncoder().encode('{"docker.io": "https://m.example"}'))
    })
    expect(await mirrors.originFor('127.0.0.1:5000')).toBeUndefined()
    expect(await mirrors.originFor('registry.local')).toBeUndefined()
    expect(reads).toBe(0)
    expect(await mirrors.originFor('docker.io')).toBe('https://m.example')
    expect(await mirrors.originFor('quay.io')).toBeUndefined()
    expect(reads).toBe(1)
  })

  test('need not be there, but is asked for again when the network failed', async () => {
    const missing = new EngineError('unavailable', 'no such file', { status: 404 })
    expect(await mirrorsOf(() => Promise.reject(missing)).originFor('docker.io')).toBeUndefined()
    let online = false
    const mirrors = mirrorsOf(() =>
      online
        ? Promise.resolve(new TextEncoder().encode('{"docker.io": "https://m.example"}'))
        : Promise.reject(new EngineError('unavailable', 'registries.json could not be downloaded')),
    )
    await expect(mirrors.originFor('docker.io')).rejects.toThrow('registries.json could not be downloaded')
    online = true
    expect(await mirrors.originFor('docker.io')).toBe('https://m.example')
  })
})

describe('a site with a mirror of Docker Hub', () => {
  let layout: Layout
  let image: MadeImage
  let registry: FakeRegistry
  let content: Content
  let asked: string[]

  beforeEach(async () => {
    layout = new Layout()
    image = layout.addImage([makeTar([{ name: 'small', content: 'x' }])])
    registry = await FakeRegistry.start(layout)
    registry.tags.set('library/alpine:3', image.manifest)
    const site = new LayoutSite(new Layout())
    const config = new TextEncoder().encode(JSON.stringify({ 'docker.io': `http://${registry.domain}` }))
    asked = []
    content = createContent({
      keyValues: new MemoryKeyValueStore(),
      blocks: new BlockCache(1 << 22),
      files: {
        read: (path) => (path === 'registries.json' ? Promise.resolve(config) : site.read(path)),
        stream: (path, offset) => site.stream(path, offset),
      },
      fetch: (input, init) => {
        const { host } = new URL(String(input))
        asked.push(host)
        return host === registry.domain ? fetch(input, init) : Promise.reject(new TypeError('unreachable'))
      },
    })
  })

  afterEach(() => registry.close())

  it('pulls through it, under the name that was typed', async () => {
    const auth = USER
    const record = await pull(content, { reference: 'alpine:3', auth }, () => undefined)
    expect(record.references).toEqual(['docker.io/library/alpine:3'])
    expect((await inspectManifest(content, { reference: 'alpine:3' })).descriptor.digest).toBe(
      image.manifest.digest,
    )
    expect(new Set(asked)).toEqual(new Set([registry.domain]))
    // What a person has for Docker Hub is not for others.
    expect(registry.seen.some(({ authorization }) => authorization !== undefined)).toBe(false)
  })

  it('names it in what it refuses', async () => {
    await expect(pull(content, { reference: 'alpine:4' }, () => undefined)).rejects.toThrow(
      `manifest for alpine:4 not found: manifest unknown: manifest unknown (http://${registry.domain} was asked, which is this site’s mirror of docker.io)`,
    )
  })

  it('pushes to the registry itself', async () => {
    await pull(content, { reference: 'alpine:3' }, () => undefined)
    asked.length = 0
    await expect(push(content, { reference: 'alpine:3' }, () => undefined)).rejects.toThrow(
      'https://registry-1.docker.io can',
    )
    expect(new Set(asked)).toEqual(new Set(['registry-1.docker.io']))
  })
})

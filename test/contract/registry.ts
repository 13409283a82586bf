/**
 * What a registry must do by the OCI distribution specification 1.1, in the words of its endpoints (end-1 … end-13):
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md. Run on the page's registry (registry.test.ts)
 * and on Debian's docker-registry (test/conformance/docker-registry.test.ts), so that neither is held to more than the other.
 */
import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Digest } from '../../guest/protocol/api/content.ts'

export interface Answer {
  status: number
  header(name: string): string | null
  bytes: Buffer
}

export type Send = (
  method: string,
  url: string,
  options?: { headers?: Record<string, string>; body?: Uint8Array },
) => Promise<Answer>

export interface RegistryFeatures {
  /** 1.1: a tag can be deleted without its manifest. */
  deletesTags: boolean
  /** 1.0: `n` and `last` of the list of tags, and its order. */
  paginatesTags: boolean
  /** 416 for a chunk or a range that is out of place, 400 for a number of results that is none. */
  checksNumbers: boolean
  referrers: boolean
  /** 1.1: `mount` without `from` finds the blob in any repository. */
  mountsWithoutSource: boolean
  /** `POST ?digest=` with the whole blob (end-4b). */
  singlePost: boolean
  /** Refuses a manifest whose descriptors state other sizes than the blobs have. */
  checksSizes: boolean
  sha512: boolean
}

/** What registry.local has: all of it. */
export const OWN_FEATURES: RegistryFeatures = {
  deletesTags: true,
  paginatesTags: true,
  checksNumbers: true,
  referrers: true,
  mountsWithoutSource: true,
  singlePost: true,
  checksSizes: true,
  sha512: true,
}

const OCTETS = { 'Content-Type': 'application/octet-stream' }
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'

export function digestOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

interface Described {
  mediaType: string
  digest: Digest
  size: number
}

/** A client of the fewest words: each call is one request. */
export class RegistryCaller {
  readonly send: Send

  constructor(send: Send) {
    this.send = send
  }

  /** POST, then PUT of the whole. */
  async putBlob(repository: string, bytes: Uint8Array): Promise<Described> {
    const started = await this.send('POST', `/v2/${repository}/blobs/uploads/`)
    expect(started.status).toBe(202)
    const digest = digestOf(bytes)
    const done = await this.send('PUT', at(started, { digest }), { headers: OCTETS, body: bytes })
    expect(done.status).toBe(201)
    return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: bytes.length }
  }

  putManifest(repository: string, name: string, manifest: object, mediaType = MANIFEST): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(manifest))
    return this.send('PUT', `/v2/${repository}/manifests/${name}`, {
      headers: { 'Content-Type': mediaType },
      body,
    })
  }

  async putImage(repository: string, tag: string, content: Uint8Array = randomBytes(50)): Promise<Described> {
    const layer = await this.putBlob(repository, content)
    const config = await this.putBlob(repository, Buffer.from('{}'))
    const manifest = imageManifest({ config, layers: [layer] })
    expect((await this.putManifest(repository, tag, manifest)).status).toBe(201)
    return described(manifest)
  }
}

function imageManifest(more: { config: Described; layers: Described[] }): object {
  const config = { ...more.config, mediaType: 'application/vnd.oci.image.config.v1+json' }
  return { schemaVersion: 2, mediaType: MANIFEST, ...more, config }
}

function described(manifest: object, mediaType = MANIFEST): Described {
  const bytes = Buffer.from(JSON.stringify(manifest))
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

/** The path of an answer's Location, with more in its query. */
function at(answer: Answer, query: Record<string, string> = {}): string {
  const location = new URL(answer.header('location')!, 'http://registry')
  for (const [name, value] of Object.entries(query)) location.searchParams.set(name, value)
  return location.pathname + location.search
}

const codes = ({ bytes }: Answer): string[] =>
  (JSON.parse(bytes.toString()) as { errors: { code: string }[] }).errors.map(({ code }) => code)

/** @param open gives the same registry every time; repositories are new in each test */
export function describeRegistry(name: string, open: () => Promise<Send>, features: RegistryFeatures): void {
  describe(`${name} as a registry`, () => {
    let send: Send
    let caller: RegistryCaller
    let repository: string
    let serial = 0

    beforeEach(async () => {
      send = await open()
      caller = new RegistryCaller(send)
      repository = `ann/contract-${serial++}`
    })

    /** A test of what is newer than, or left undone by, the registry at hand. */
    const itWith = (has: boolean) => (title: string, test: () => Promise<void>) => {
      if (has) it(title, test)
    }
    const accept = (...types: string[]) => ({ headers: { Accept: types.join(', ') } })

    it('end-1: says that it speaks version 2', async () => {
      const answer = await send('GET', '/v2/')
      expect(answer.status).toBe(200)
      expect(answer.header('docker-distribution-api-version')).toBe('registry/2.0')
    })

    it('end-2: gives a blob, its head alone, and parts of it', async () => {
      const bytes = randomBytes(100_000)
      const { digest } = await caller.putBlob(repository, bytes)
      const url = `/v2/${repository}/blobs/${digest}`
      const got = await send('GET', url)
      expect([got.status, got.header('docker-content-digest')]).toEqual([200, digest])
      expect(got.bytes.equals(bytes)).toBe(true)
      const head = await send('HEAD', url)
      expect([head.status, head.header('content-length'), head.bytes.length]).toEqual([200, '100000', 0])
      const part = await send('GET', url, { headers: { Range: 'bytes=99990-' } })
      expect([part.status, part.header('content-range')]).toEqual([206, 'bytes 99990-99999/100000'])
      expect(part.bytes.equals(bytes.subarray(99_990))).toBe(true)
      const middle = await send('GET', url, { headers: { Range: 'bytes=10-19' } })
      expect(middle.bytes.equals(bytes.subarray(10, 20))).toBe(true)
    })

    itWith(features.checksNumbers)('end-2: refuses a range that lies beyond the blob', async () => {
      const { digest } = await caller.putBlob(repository, randomBytes(100))
      const url = `/v2/${repository}/blobs/${digest}`
      const beyond = await send('GET', url, { headers: { Range: 'bytes=100-' } })
      expect([beyond.status, beyond.header('content-range')]).toEqual([416, 'bytes */100'])
    })

    it('end-2: knows no blob of another repository, and no nonsense', async () => {
      const { digest } = await caller.putBlob(repository, randomBytes(10))
      const other = await send('GET', `/v2/${repository}-other/blobs/${digest}`)
      expect([other.status, codes(other)]).toEqual([404, ['BLOB_UNKNOWN']])
      expect((await send('HEAD', `/v2/${repository}-other/blobs/${digest}`)).status).toBe(404)
      expect((await send('GET', `/v2/${repository}/blobs/sha256:12`)).status).toBeGreaterThanOrEqual(400)
    })

    it('end-4a, end-6: takes a blob whole and refuses one with another digest', async () => {
      const bytes = randomBytes(1000)
      const { digest } = await caller.putBlob(repository, bytes)
      const started = await send('POST', `/v2/${repository}/blobs/uploads/`)
      expect(started.header('docker-upload-uuid')).toBeTruthy()
      const wrong = await send('PUT', at(started, { digest }), { headers: OCTETS, body: randomBytes(1000) })
      expect([wrong.status, codes(wrong)]).toEqual([400, ['DIGEST_INVALID']])
      expect((await send('GET', at(started))).status).toBe(404)
    })

    itWith(features.singlePost)('end-4b: takes a blob in one request', async () => {
      const bytes = randomBytes(1000)
      const url = `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`
      expect((await send('POST', url, { headers: OCTETS, body: bytes })).status).toBe(201)
      const got = await send('GET', `/v2/${repository}/blobs/${digestOf(bytes)}`)
      expect(got.bytes.equals(bytes)).toBe(true)
    })

    it('end-5, end-13: takes chunks in order, says how far it is, and refuses gaps', async () => {
      const bytes = randomBytes(3000)
      const chunk = (start: number, end: number) => ({
        headers: { ...OCTETS, 'Content-Range': `${start}-${end - 1}`, 'Content-Length': String(end - start) },
        body: bytes.subarray(start, end),
      })
      const started = await send('POST', `/v2/${repository}/blobs/uploads/`)
      const first = await send('PATCH', at(started), chunk(0, 1000))
      expect([first.status, first.header('range')]).toEqual([202, '0-999'])
      if (features.checksNumbers) {
        const gap = await send('PATCH', at(first), chunk(2000, 3000))
        expect([gap.status, gap.header('range')]).toEqual([416, '0-999'])
      }
      const status = await send('GET', at(first))
      expect([status.status, status.header('range')]).toEqual([204, '0-999'])
      const second = await send('PATCH', at(status), chunk(1000, 2000))
      expect(second.header('range')).toBe('0-1999')
      const done = await send('PUT', at(second, { digest: digestOf(bytes) }), chunk(2000, 3000))
      expect(done.status).toBe(201)
      expect(at(done)).toBe(`/v2/${repository}/blobs/${digestOf(bytes)}`)
      const got = await send('GET', at(done))
      expect(got.bytes.equals(bytes)).toBe(true)
    })

    it('end-6: closes an upload without another byte', async () => {
      const bytes = randomBytes(3000)
      const started = await send('POST', `/v2/${repository}/blobs/uploads/`)
      const patched = await send('PATCH', at(started), { headers: OCTETS, body: bytes })
      const done = await send('PUT', at(patched, { digest: digestOf(bytes) }))
      expect(done.status).toBe(201)
    })

    it('forgets an upload that is given up', async () => {
      const started = await send('POST', `/v2/${repository}/blobs/uploads/`)
      expect((await send('DELETE', at(started))).status).toBe(204)
      const gone = await send('GET', at(started))
      expect([gone.status, codes(gone)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']])
    })

    itWith(features.sha512)('takes blobs named by sha512', async () => {
      const bytes = randomBytes(1000)
      const digest = digestOf(bytes, 'sha512')
      const started = await send('POST', `/v2/${repository}/blobs/uploads/`)
      expect((await send('PUT', at(started, { digest }), { headers: OCTETS, body: bytes })).status).toBe(201)
      expect((await send('GET', `/v2/${repository}/blobs/${digest}`)).bytes.equals(bytes)).toBe(true)
    })

    it('end-11: mounts a blob of another repository, or begins an upload', async () => {
      const bytes = randomBytes(100)
      const { digest } = await caller.putBlob(repository, bytes)
      const uploads = `/v2/${repository}-copy/blobs/uploads/`
      const missing = await send('POST', `${uploads}?mount=${digestOf(randomBytes(1))}&from=${repository}`)
      expect(missing.status).toBe(202)
      const mounted = await send('POST', `${uploads}?mount=${digest}&from=${repository}`)
      expect([mounted.status, mounted.header('docker-content-digest')]).toEqual([201, digest])
      expect(at(mounted)).toBe(`/v2/${repository}-copy/blobs/${digest}`)
      expect((await send('GET', at(mounted))).bytes.equals(bytes)).toBe(true)
    })

    itWith(features.mountsWithoutSource)('end-11: finds the source of a mount by itself', async () => {
      const { digest } = await caller.putBlob(repository, randomBytes(100))
      const mounted = await send('POST', `/v2/${repository}-copy/blobs/uploads/?mount=${digest}`)
      expect(mounted.status).toBe(201)
    })

    it('end-3, end-7: keeps a manifest byte for byte, by tag and by digest', async () => {
      const { digest, size } = await caller.putImage(repository, 'v1')
      for (const name of ['v1', digest]) {
        const got = await send('GET', `/v2/${repository}/manifests/${name}`, accept(MANIFEST))
        expect([got.status, got.header('content-type')]).toEqual([200, MANIFEST])
        expect([got.header('docker-content-digest'), digestOf(got.bytes)]).toEqual([digest, digest])
        const head = await send('HEAD', `/v2/${repository}/manifests/${name}`, accept(MANIFEST))
        expect([head.status, head.header('content-length'), head.bytes.length]).toEqual([200, `${size}`, 0])
      }
      const unknown = await send('GET', `/v2/${repository}/manifests/v2`, accept(MANIFEST))
      expect([unknown.status, codes(unknown)]).toEqual([404, ['MANIFEST_UNKNOWN']])
    })

    it('end-7: moves a tag to the manifest that came last', async () => {
      const first = await caller.putImage(repository, 'v1')
      const second = await caller.putImage(repository, 'v1')
      const got = await send('GET', `/v2/${repository}/manifests/v1`, accept(MANIFEST))
      expect(got.header('docker-content-digest')).toBe(second.digest)
      const old = await send('GET', `/v2/${repository}/manifests/${first.digest}`, accept(MANIFEST))
      expect(old.status).toBe(200)
    })

    it('end-7: refuses a manifest whose blobs are missing, one that is none, and one with another digest', async () => {
      const layer = await caller.putBlob(repository, randomBytes(10))
      const lost = { ...layer, digest: digestOf(randomBytes(1)) }
      const missing = await caller.putManifest(
        repository,
        'x',
        imageManifest({ config: layer, layers: [lost] }),
      )
      expect(missing.status).toBe(400)
      expect(codes(missing)).toContain('MANIFEST_BLOB_UNKNOWN')
      const nonsense = await send('PUT', `/v2/${repository}/manifests/x`, {
        headers: { 'Content-Type': MANIFEST },
        body: Buffer.from('{'),
      })
      expect([nonsense.status, codes(nonsense)]).toEqual([400, ['MANIFEST_INVALID']])
      const other = imageManifest({ config: layer, layers: [layer] })
      const named = await caller.putManifest(repository, digestOf(randomBytes(1)), other)
      expect([named.status, codes(named)]).toEqual([400, ['DIGEST_INVALID']])
      const both = { ...other, manifests: [] }
      expect((await caller.putManifest(repository, 'x', both)).status).toBe(400)
      expect((await send('GET', `/v2/${repository}/manifests/x`, accept(MANIFEST))).status).toBe(404)
    })

    itWith(features.checksSizes)('end-7: refuses a manifest that lies about sizes', async () => {
      const layer = await caller.putBlob(repository, randomBytes(10))
      const manifest = imageManifest({ config: layer, layers: [{ ...layer, size: 11 }] })
      const answer = await caller.putManifest(repository, 'x', manifest)
      expect([answer.status, codes(answer)]).toEqual([400, ['SIZE_INVALID']])
    })

    it('end-7: keeps an index, and refuses one whose manifests are missing', async () => {
      const image = await caller.putImage(repository, 'only-386')
      const entry = { ...image, platform: { os: 'linux', architecture: '386' } }
      const index = { schemaVersion: 2, mediaType: INDEX, manifests: [entry] }
      expect((await caller.putManifest(repository, 'all', index, INDEX)).status).toBe(201)
      const got = await send('GET', `/v2/${repository}/manifests/all`, accept(INDEX))
      expect([got.header('content-type'), digestOf(got.bytes)]).toEqual([INDEX, described(index).digest])
      const lost = { ...index, manifests: [{ ...entry, digest: digestOf(randomBytes(1)) }] }
      const refused = await caller.putManifest(repository, 'lost', lost, INDEX)
      expect([refused.status, codes(refused)]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']])
    })

    it('end-8: lists tags in order', async () => {
      for (const tag of ['b', 'latest', 'a', 'B']) await caller.putImage(repository, tag, Buffer.from('same'))
      const url = `/v2/${repository}/tags/list`
      const all = JSON.parse((await send('GET', url)).bytes.toString()) as { name: string; tags: string[] }
      const tags = features.paginatesTags ? all.tags : all.tags.toSorted()
      expect([all.name, tags]).toEqual([repository, ['B', 'a', 'b', 'latest']])
      const unknown = await send('GET', `/v2/${repository}-none/tags/list`)
      expect([unknown.status, codes(unknown)]).toEqual([404, ['NAME_UNKNOWN']])
    })

    itWith(features.paginatesTags)('end-8: lists tags page by page', async () => {
      for (const tag of ['c', 'b', 'a']) await caller.putImage(repository, tag, Buffer.from('same'))
      const first = await send('GET', `/v2/${repository}/tags/list?n=2`)
      expect(JSON.parse(first.bytes.toString())).toEqual({ name: repository, tags: ['a', 'b'] })
      const [, next] = /^<(.*)>; rel="next"$/.exec(first.header('link')!)!
      const second = await send('GET', next!)
      expect(JSON.parse(second.bytes.toString())).toEqual({ name: repository, tags: ['c'] })
      expect(second.header('link')).toBeNull()
      const none = await send('GET', `/v2/${repository}/tags/list?n=0`)
      expect(JSON.parse(none.bytes.toString())).toEqual({ name: repository, tags: [] })
    })

    it('lists repositories, page by page, in order', async () => {
      const names = ['a', 'b', 'c'].map((suffix) => `${repository}/${suffix}`)
      for (const each of names) await caller.putImage(each, 'latest', Buffer.from('same'))
      const first = await send('GET', `/v2/_catalog?n=2&last=${encodeURIComponent(repository)}`)
      expect(JSON.parse(first.bytes.toString())).toEqual({ repositories: names.slice(0, 2) })
      const [, next] = /^<(.*)>; rel="next"$/.exec(first.header('link')!)!
      const second = JSON.parse((await send('GET', next!)).bytes.toString()) as { repositories: string[] }
      expect(second.repositories[0]).toBe(names[2])
    })

    itWith(features.checksNumbers)('refuses a number of results that is none', async () => {
      for (const number of ['few', '-1', '1.5', '']) {
        const wrong = await send('GET', `/v2/_catalog?n=${number}`)
        expect([wrong.status, codes(wrong)]).toEqual([400, ['PAGINATION_NUMBER_INVALID']])
      }
    })

    it('end-9: deletes a manifest with the tags that point at it', async () => {
      const { digest } = await caller.putImage(repository, 'v1')
      expect((await send('DELETE', `/v2/${repository}/manifests/${digest}`)).status).toBe(202)
      for (const name of ['v1', digest])
        expect((await send('GET', `/v2/${repository}/manifests/${name}`, accept(MANIFEST))).status).toBe(404)
      expect((await send('DELETE', `/v2/${repository}/manifests/${digest}`)).status).toBe(404)
    })

    itWith(features.deletesTags)('end-9: deletes a tag alone', async () => {
      const { digest } = await caller.putImage(repository, 'v1')
      expect((await send('DELETE', `/v2/${repository}/manifests/v1`)).status).toBe(202)
      expect((await send('GET', `/v2/${repository}/manifests/v1`)).status).toBe(404)
      expect((await send('GET', `/v2/${repository}/manifests/${digest}`)).status).toBe(200)
      const tags = JSON.parse((await send('GET', `/v2/${repository}/tags/list`)).bytes.toString()) as object
      expect(tags).toEqual({ name: repository, tags: [] })
    })

    it('end-10: deletes a blob', async () => {
      const { digest } = await caller.putBlob(repository, randomBytes(10))
      expect((await send('DELETE', `/v2/${repository}/blobs/${digest}`)).status).toBe(202)
      expect((await send('GET', `/v2/${repository}/blobs/${digest}`)).status).toBe(404)
      expect((await send('DELETE', `/v2/${repository}/blobs/${digest}`)).status).toBe(404)
    })

    itWith(features.referrers)('end-12: lists what refers to a manifest, by type', async () => {
      const subject = await caller.putImage(repository, 'v1')
      const empty = await caller.putBlob(repository, Buffer.from('{}'))
      const base = imageManifest({ config: empty, layers: [empty] })
      const sbom = { ...base, artifactType: 'text/sbom', subject, annotations: { by: 'ann' } }
      const pushed = await caller.putManifest(repository, described(sbom).digest, sbom)
      expect([pushed.status, pushed.header('oci-subject')]).toEqual([201, subject.digest])
      const other = { ...base, subject }
      await caller.putManifest(repository, described(other).digest, other)
      const url = `/v2/${repository}/referrers/${subject.digest}`
      const all = await send('GET', url)
      expect(all.header('content-type')).toBe(INDEX)
      const { manifests } = JSON.parse(all.bytes.toString()) as { manifests: object[] }
      expect(manifests).toHaveLength(2)
      const filtered = await send('GET', `${url}?artifactType=${encodeURIComponent('text/sbom')}`)
      expect(filtered.header('oci-filters-applied')).toBe('artifactType')
      expect(JSON.parse(filtered.bytes.toString())).toMatchObject({
        manifests: [{ ...described(sbom), artifactType: 'text/sbom', annotations: { by: 'ann' } }],
      })
      const none = await send('GET', `/v2/${repository}/referrers/${digestOf(randomBytes(1))}`)
      expect([none.status, JSON.parse(none.bytes.toString())]).toMatchObject([200, { manifests: [] }])
    })

    it('refuses bad names and unknown methods', async () => {
      const name = await send('POST', '/v2/Ann/App/blobs/uploads/')
      expect(name.status).toBeGreaterThanOrEqual(400)
      expect((await send('POST', `/v2/${repository}/tags/list`)).status).toBe(405)
      expect((await send('GET', '/v1/search')).status).toBe(404)
    })
  })
}

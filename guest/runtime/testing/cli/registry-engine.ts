/** An engine that reaches registries with a few manifests, for tests of `docker manifest`. Test code. */
import { createHash } from 'node:crypto'
import type { Digest, ManifestInspect, Platform } from '../../../protocol/api/content.ts'
import type { EngineRequest, EngineTransport } from '../../../protocol/api/engine-transport.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { runDocker } from '../../cli/dispatch.ts'
import { noSocket } from './canned-transport.ts'
import { memoryCliFiles } from './memory-cli-files.ts'
import { MemorySession } from './memory-session.ts'

export const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const STORE = '/root/.docker/manifests'

export const digestOf = (text: string): Digest => `sha256:${createHash('sha256').update(text).digest('hex')}`
const blob = (name: string) => ({ mediaType: 'application/x', digest: digestOf(name), size: name.length })

function answer(mediaType: string, document: object, platform?: Platform): ManifestInspect {
  const text = JSON.stringify(document)
  const descriptor = { mediaType, digest: digestOf(text), size: text.length }
  return { descriptor, platforms: platform ? [platform] : [], document: text }
}

const image = (name: string, mediaType = MANIFEST, platform?: Platform): ManifestInspect => {
  const annotations = { name: `<${name}>` }
  const layers = [blob(`${name} layer`)]
  return answer(mediaType, { schemaVersion: 2, mediaType, config: blob(name), layers, annotations }, platform)
}

export const pc = image('pc', MANIFEST, { architecture: '386', os: 'linux' })
export const arm = image('arm', MANIFEST, { architecture: 'arm', os: 'linux', variant: 'v7' })
export const other = image('other', DOCKER_MANIFEST, { architecture: 'amd64', os: 'linux' })
export const listed = (...images: ManifestInspect[]) =>
  images.map(({ descriptor: { mediaType, size, digest }, platforms: [platform] }) => ({
    ...{ mediaType, size, digest },
    platform: platform ?? { architecture: '', os: '' },
  }))
export const multi = { schemaVersion: 2, mediaType: INDEX, manifests: listed(pc, arm) }

const KNOWN: Record<string, ManifestInspect> = {
  'registry.local/app:pc': pc,
  'registry.local/app:arm': arm,
  'registry.local/other:latest': other,
  'registry.local/blank:latest': image('blank'),
  'registry.local/app:multi': answer(INDEX, { ...multi, annotations: { dropped: 'by Docker' } }),
  [`registry.local/app@${pc.descriptor.digest}`]: pc,
  [`registry.local/app@${arm.descriptor.digest}`]: { ...arm, platforms: [] },
  'elsewhere.example/app:pc': pc,
}

/** Refuses and mounts as the test says, and records the requests. */
export class RegistryEngine implements EngineTransport {
  readonly seen: string[] = []
  readonly put: string[] = []
  mounts = true
  refusal: string | undefined

  async request(request: EngineRequest) {
    const { method, path, query, body } = request
    const name = decodeURIComponent(path).replace(/^\/porthole\/(manifests|mounts)\//, '')
    const value = method === 'GET' ? KNOWN[name] : await this.change(method, name, query, body)
    const reply = value ?? { message: this.refusal ?? 'manifest for app not found: manifest unknown' }
    const bytes = new TextEncoder().encode(JSON.stringify(reply))
    const status = value ? 200 : this.refusal === undefined ? 404 : 403
    return { status, headers: {}, body: once(bytes) }
  }

  private async change(
    method: string,
    name: string,
    query: EngineRequest['query'],
    body: EngineRequest['body'],
  ): Promise<object | undefined> {
    if (method === 'POST') {
      this.seen.push(`mount ${String(query!['digest'])} from ${String(query!['from'])} to ${name}`)
      return this.refusal === undefined ? { mounted: this.mounts } : undefined
    }
    if (body === undefined || !('bytes' in body)) throw new EngineError('invalid', 'a manifest is bytes')
    const parts: Uint8Array[] = []
    for await (const part of body.bytes) parts.push(part)
    const text = Buffer.concat(parts).toString()
    this.seen.push(`put ${name} as ${body.contentType}`)
    this.put.push(text)
    return this.refusal === undefined ? { digest: digestOf(text) } : undefined
  }

  upgrade(): Promise<never> {
    return Promise.reject(new EngineError('invalid', 'nothing to upgrade'))
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

export const LIST = 'registry.local/app'

/** One user who runs `docker manifest …`; files that one command leaves are there for the next. */
export class ManifestCaller {
  readonly engine = new RegistryEngine()
  readonly files = memoryCliFiles()

  async docker(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    const session = new MemorySession({ argv: ['manifest', ...argv], cwd: '/' })
    const services = { transport: this.engine, files: this.files, dial: noSocket, now: () => 0 }
    const code = await runDocker(session, services)
    return { code, out: session.stdout.text, err: session.stderr.text }
  }

  /** Runs a command that fails, and returns its message. */
  async failure(...argv: string[]): Promise<string> {
    const { code, err } = await this.docker(...argv)
    if (code !== 1) throw new Error(`exit code ${code}: docker manifest ${argv.join(' ')}`)
    return err.trimEnd()
  }

  async inspected(...argv: string[]): Promise<unknown> {
    return JSON.parse((await this.docker('inspect', ...argv)).out)
  }

  /** Creates a list of two images of its own repository. */
  create(): ReturnType<ManifestCaller['docker']> {
    return this.docker('create', LIST, `${LIST}:pc`, `${LIST}:arm`)
  }
}

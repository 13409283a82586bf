import { expect, it } from 'vitest'
import type { ManifestInspect } from '../../../protocol/content.ts'
import type { EngineTransport } from '../../../protocol/engine-transport.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { runDocker } from '../dispatch.ts'
import { memoryCliFiles } from '../testing/memory-cli-files.ts'
import { MemorySession } from '../testing/memory-session.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DIGEST = `sha256:${'a'.repeat(64)}` as const
const platform = { os: 'linux', architecture: '386' }
const single = { schemaVersion: 2, config: {}, layers: [] }
const index = { schemaVersion: 2, manifests: [{ mediaType: MANIFEST, digest: DIGEST, size: 9, platform }] }

function answerFor(mediaType: string, document: object): ManifestInspect {
  const descriptor = { mediaType, digest: DIGEST, size: 9 }
  return { descriptor, platforms: [platform], document: JSON.stringify(document) }
}

const KNOWN: Record<string, ManifestInspect> = {
  'registry.local/app:latest': answerFor(MANIFEST, single),
  'registry.local/app:multi': answerFor(INDEX, index),
  [`registry.local/app@${DIGEST}`]: answerFor(MANIFEST, single),
}

const transport: EngineTransport = {
  request({ path }) {
    const found = KNOWN[decodeURIComponent(path).replace('/porthole/manifests/', '')]
    const value = found ?? { message: 'manifest for app not found: manifest unknown' }
    const body = (async function* () {
      yield new TextEncoder().encode(JSON.stringify(value))
    })()
    return Promise.resolve({ status: found ? 200 : 404, headers: {}, body })
  },
  upgrade: () => Promise.reject(new EngineError('invalid', 'nothing to upgrade')),
}

async function docker(...argv: string[]) {
  const session = new MemorySession({ argv, cwd: '/', env: { HOME: '/root' }, typed: [] })
  const code = await runDocker(session, { transport, files: memoryCliFiles({}), now: () => 0 })
  return { code, out: session.stdout.text, err: session.stderr.text }
}

it('prints a manifest or a list as the registry has it', async () => {
  const { out } = await docker('manifest', 'inspect', 'registry.local/app')
  expect(out).toBe(`${JSON.stringify(single, null, '\t')}\n`)
  expect(JSON.parse((await docker('manifest', 'inspect', 'registry.local/app:multi')).out)).toEqual(index)
})

it('prints the images of a list one by one with -v', async () => {
  const { out } = await docker('manifest', 'inspect', '-v', 'registry.local/app:multi')
  expect(JSON.parse(out)).toEqual([
    {
      Ref: `registry.local/app@${DIGEST}`,
      Descriptor: index.manifests[0],
      Raw: Buffer.from(JSON.stringify(single)).toString('base64'),
      OCIManifest: single,
    },
  ])
})

it('knows no other manifest', async () => {
  expect(await docker('manifest', 'inspect', 'registry.local/none')).toEqual({
    code: 1,
    out: '',
    err: 'no such manifest: registry.local/none:latest\n',
  })
})

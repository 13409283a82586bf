import { beforeEach, describe, expect, it } from 'vitest'
import {
  ManifestCaller,
  DOCKER_MANIFEST,
  INDEX,
  LIST,
  STORE,
  arm,
  digestOf,
  listed,
  multi,
  other,
  pc,
} from '../../../testing/cli/registry-engine.ts'

let caller: ManifestCaller

beforeEach(() => {
  caller = new ManifestCaller()
})

describe('docker manifest push', () => {
  it('puts the list alone when its images are in its repository', async () => {
    await caller.create()
    const list = JSON.stringify({ ...multi, manifests: listed(arm, pc) }, null, 3)
    expect(await caller.docker('push', LIST)).toEqual({ code: 0, out: `${digestOf(list)}\n`, err: '' })
    expect(caller.engine.seen).toEqual([`put ${LIST}:latest as ${INDEX}`])
    expect(caller.engine.put).toEqual([list])
    expect((await caller.docker('push', '--purge', LIST)).code).toBe(0)
    expect(caller.files.files).toEqual({})
  })

  it('brings the images of other repositories first, without sending what they are made of', async () => {
    await caller.docker('create', LIST, 'registry.local/other')
    const { digest } = other.descriptor
    const { out } = await caller.docker('push', LIST)
    expect(out.split('\n')[0]).toBe(`Pushed ref ${LIST}@${digest} with digest: ${digest}`)
    expect(caller.engine.seen).toEqual([
      `mount ${digestOf('other')} from other to ${LIST}:latest`,
      `mount ${digestOf('other layer')} from other to ${LIST}:latest`,
      `put ${LIST}@${digest} as ${DOCKER_MANIFEST}`,
      `put ${LIST}:latest as application/vnd.docker.distribution.manifest.list.v2+json`,
    ])
    expect(caller.engine.put[0]).toBe(other.document)
  })

  it('fails in Docker’s words', async () => {
    await caller.docker('create', LIST, 'registry.local/other')
    const first = `other@${digestOf('other')} to ${LIST}:latest`
    caller.engine.mounts = false
    expect(await caller.failure('push', LIST)).toBe(`error mounting ${first}`)
    caller.engine.refusal = 'denied: requested access to the resource is denied'
    expect(await caller.failure('push', LIST)).toBe(`failed to mount blob ${first}: ${caller.engine.refusal}`)
    await caller.docker('annotate', LIST, 'registry.local/other', '--os', 'windows')
    caller.engine.refusal = undefined
    expect((await caller.docker('push', LIST)).code).toBe(0)
    await caller.docker('create', 'registry.local/app:own', `${LIST}:pc`)
    caller.engine.refusal = 'manifest blob unknown: blob unknown to registry'
    expect(await caller.failure('push', 'registry.local/app:own')).toBe(
      `failed to put manifest ${LIST}:own: ${caller.engine.refusal}`,
    )
  })

  it('refuses images without a platform, and those of other registries', async () => {
    await caller.docker('create', LIST, 'registry.local/blank')
    expect(await caller.failure('push', LIST)).toBe(
      'manifest registry.local/blank:latest must have an OS and Architecture to be pushed to a registry',
    )
    await caller.docker('create', 'registry.local/mixed', 'elsewhere.example/app:pc')
    const message =
      'cannot use source images from a different registry than the target image: elsewhere.example != registry.local'
    expect(await caller.failure('push', 'registry.local/mixed')).toBe(message)
    expect(await caller.failure('inspect', 'registry.local/mixed')).toBe(
      `failed to assemble ManifestDescriptor: ${message}`,
    )
  })

  it('sends no manifest that is another than the list says', async () => {
    await caller.docker('create', LIST, 'registry.local/other')
    const path = `${STORE}/registry.local_app-latest/registry.local_other-latest`
    const file = JSON.parse(caller.files.files[path]!) as { Raw: string }
    const changed = other.document.replace('<other>', '<harm>')
    caller.files.files[path] = JSON.stringify({ ...file, Raw: Buffer.from(changed).toString('base64') })
    expect(await caller.failure('push', LIST)).toBe(
      `internal digest mismatch for registry.local/other:latest: expected ${other.descriptor.digest}, got ${digestOf(changed)}`,
    )
    expect(caller.engine.seen).toEqual([])
  })
})

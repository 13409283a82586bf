import { beforeEach, describe, expect, it } from 'vitest'
import type { Platform } from '../../../../protocol/api/content.ts'
import { ManifestCaller, LIST, STORE, arm, listed, multi, pc } from '../../../testing/cli/registry-engine.ts'

let caller: ManifestCaller

beforeEach(() => {
  caller = new ManifestCaller()
})

describe('docker manifest inspect', () => {
  it('prints a manifest as the registry has it, and a list as Docker puts it together again', async () => {
    const { out } = await caller.docker('inspect', `${LIST}:pc`)
    expect(out).toBe(`${JSON.stringify(JSON.parse(pc.document), null, '\t')}\n`)
    expect((await caller.docker('inspect', `${LIST}:multi`)).out).toBe(`${JSON.stringify(multi, null, 3)}\n`)
  })

  it('prints the images of a list one by one with -v, with the platforms that the list gives them', async () => {
    const { out } = await caller.docker('inspect', '-v', `${LIST}:multi`)
    // Go's encoder escapes these characters.
    expect(out).toContain('"name": "\\u003cpc\\u003e"')
    expect(JSON.parse(out)).toEqual(
      [pc, arm].map((one) => ({
        Ref: `${LIST}:multi@${one.descriptor.digest}`,
        Descriptor: { ...one.descriptor, platform: one.platforms[0] },
        Raw: Buffer.from(one.document).toString('base64'),
        OCIManifest: JSON.parse(one.document) as unknown,
      })),
    )
  })

  it('knows no other manifest, and gives a registry’s other refusals in its own words', async () => {
    expect(await caller.failure('inspect', 'registry.local/none')).toBe(
      'no such manifest: registry.local/none:latest',
    )
    caller.engine.refusal = 'registry.local answered 500 for app: sorry'
    expect(await caller.failure('inspect', 'registry.local/none')).toBe(caller.engine.refusal)
  })

  it('prints a list that is not pushed yet, or one image of it', async () => {
    await caller.create()
    const list = { ...multi, manifests: listed(arm, pc) }
    expect((await caller.docker('inspect', LIST)).out).toBe(`${JSON.stringify(list, null, 3)}\n`)
    expect(await caller.inspected('-v', LIST)).toMatchObject([{ Ref: `${LIST}:arm` }, { Ref: `${LIST}:pc` }])
    expect(await caller.inspected(LIST, `${LIST}:arm`)).toEqual(JSON.parse(arm.document))
    expect(await caller.inspected('-v', LIST, `${LIST}:arm`)).toMatchObject({ Ref: `${LIST}:arm` })
    expect(await caller.failure('inspect', LIST, 'registry.local/other')).toBe(
      'No such manifest: registry.local/other:latest',
    )
  })
})

describe('docker manifest create', () => {
  it('keeps a file for each image, as Docker’s client does', async () => {
    expect(await caller.create()).toEqual({ code: 0, out: `Created manifest list ${LIST}:latest\n`, err: '' })
    const folder = `${STORE}/registry.local_app-latest`
    expect(Object.keys(caller.files.files)).toEqual([
      `${folder}/registry.local_app-pc`,
      `${folder}/registry.local_app-arm`,
    ])
    expect(JSON.parse(caller.files.files[`${folder}/registry.local_app-arm`]!)).toEqual({
      Ref: `${LIST}:arm`,
      Descriptor: { ...arm.descriptor, platform: arm.platforms[0] },
      Raw: Buffer.from(arm.document).toString('base64'),
      OCIManifest: JSON.parse(arm.document) as unknown,
    })
  })

  it('amends a list only when asked to, and leaves as annotated what is in it', async () => {
    await caller.create()
    await caller.docker('annotate', LIST, `${LIST}:arm`, '--variant', 'v6')
    expect(await caller.failure('create', LIST, 'registry.local/other')).toBe(
      'refusing to amend an existing manifest list with no --amend flag',
    )
    expect((await caller.docker('create', '--amend', LIST, `${LIST}:arm`, 'registry.local/other')).code).toBe(
      0,
    )
    const { manifests } = (await caller.inspected(LIST)) as { manifests: { platform: Platform }[] }
    expect(manifests.map(({ platform }) => platform.variant ?? platform.architecture)).toEqual([
      'v6',
      '386',
      'amd64',
    ])
  })

  it.each([
    ['registry.local/none', 'no such manifest: registry.local/none:latest'],
    ['registry.local/app:multi', 'registry.local/app:multi is a manifest list'],
    ['Wrong', 'invalid reference format: repository name (library/Wrong) must be lowercase'],
  ])('of %s: %s', async (name, message) => {
    expect(await caller.failure('create', LIST, name)).toBe(message)
  })

  it('refuses a file that is not its own', async () => {
    await caller.create()
    const path = `${STORE}/registry.local_app-latest/registry.local_app-arm`
    for (const text of ['{}', 'nonsense', '{"Ref":1}', '[]']) {
      caller.files.files[path] = text
      expect(await caller.failure('push', LIST)).toContain(path)
      expect(await caller.failure('inspect', LIST)).toContain(path)
    }
  })
})

describe('docker manifest annotate', () => {
  it('says of an image what it runs on, and prints nothing', async () => {
    await caller.create()
    const flags = ['--os', 'windows', '--arch', 'amd64', '--os-version', '1', '--variant', 'v2']
    const features = ['--os-features', 'a,b', '--os-features', 'b']
    expect(await caller.docker('annotate', ...flags, ...features, LIST, `${LIST}:pc`)).toEqual({
      code: 0,
      out: '',
      err: '',
    })
    const { Descriptor } = (await caller.inspected('-v', LIST, `${LIST}:pc`)) as { Descriptor: unknown }
    expect(JSON.stringify(Descriptor)).toContain(
      '"platform":{"architecture":"amd64","os":"windows","os.version":"1","os.features":["a","b"],"variant":"v2"}',
    )
  })

  it('refuses what Go has no port for, and what is not in the list', async () => {
    await caller.create()
    const combination = 'manifest entry for image has unsupported os/arch combination:'
    expect(await caller.failure('annotate', LIST, `${LIST}:pc`, '--os', 'plan9', '--arch', 'arm64')).toBe(
      `${combination} plan9/arm64`,
    )
    expect(await caller.failure('annotate', LIST, `${LIST}:pc`, '--os', 'constructor')).toBe(
      `${combination} constructor/`,
    )
    expect(await caller.failure('annotate', LIST, 'registry.local/other')).toBe(
      `manifest for image registry.local/other does not exist in ${LIST}`,
    )
  })
})

it('docker manifest rm deletes lists and prints nothing', async () => {
  await caller.create()
  expect(await caller.docker('rm', LIST)).toEqual({ code: 0, out: '', err: '' })
  expect(caller.files.files).toEqual({})
  expect(await caller.failure('rm', LIST)).toBe(`No such manifest: ${LIST}:latest`)
})

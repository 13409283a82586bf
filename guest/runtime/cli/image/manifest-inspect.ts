/** `docker manifest inspect`: Docker's client asks the registry itself, ours the engine, which reaches registries by the page. */
import type { ManifestInspect } from '../../../protocol/content.ts'
import { CliError } from '../command.ts'
import type { CliContext } from '../context.ts'
import { isNotFound } from '../engine-api-client.ts'
import { registryAuth } from './registry-auth.ts'
import { fullRepository, parseReference, type ImageReference } from './reference.ts'

interface Descriptor {
  mediaType: string
  digest: string
  size: number
  platform?: unknown
}

export async function manifestInspect(context: CliContext): Promise<number> {
  const { flags, args, session } = context
  // With a list and a manifest, the list is only where Docker would look among its local ones.
  const reference = parseReference(args.at(-1)!)
  const inspected = await inspect(context, reference)
  const value = flags.bool('verbose') ? await verbose(context, reference, inspected) : parsed(inspected)
  await session.stdout.write(`${JSON.stringify(value, null, '\t')}\n`)
  return 0
}

async function inspect(context: CliContext, reference: ImageReference): Promise<ManifestInspect> {
  const tag = reference.tag === undefined && reference.digest === undefined ? ':latest' : ''
  const named = reference.tag === undefined ? tag : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  const path = `/porthole/manifests/${encodeURIComponent(fullRepository(reference) + named + digest)}`
  const auth = await registryAuth(context, reference.domain)
  try {
    return await context.api.json<ManifestInspect>('GET', path, auth)
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new CliError(`no such manifest: ${fullRepository(reference) + named + digest}`)
  }
}

const parsed = ({ document }: ManifestInspect) => JSON.parse(document) as { manifests?: Descriptor[] }

/** One entry for each image: with its own name, its descriptor, and the manifest both as it is and in base64. */
async function verbose(
  context: CliContext,
  reference: ImageReference,
  top: ManifestInspect,
): Promise<unknown> {
  const { manifests } = parsed(top)
  if (manifests === undefined) {
    const name = `${fullRepository(reference)}${reference.digest ? `@${reference.digest}` : `:${reference.tag ?? 'latest'}`}`
    return entry(name, { ...top.descriptor, platform: top.platforms[0] }, top)
  }
  const entries: unknown[] = []
  for (const descriptor of manifests) {
    const one = { ...reference, tag: undefined, digest: descriptor.digest }
    const name = `${fullRepository(reference)}@${descriptor.digest}`
    entries.push(entry(name, descriptor, await inspect(context, one)))
  }
  return entries
}

function entry(name: string, { mediaType, digest, size, platform }: Descriptor, manifest: ManifestInspect) {
  const kind = mediaType.includes('vnd.oci') ? 'OCIManifest' : 'SchemaV2Manifest'
  return {
    Ref: name,
    Descriptor: { mediaType, digest, size, ...(platform !== undefined && { platform }) },
    Raw: Buffer.from(manifest.document).toString('base64'),
    [kind]: parsed(manifest),
  }
}

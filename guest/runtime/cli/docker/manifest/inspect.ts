/**
 * `docker manifest inspect`: shows a list that is not pushed yet, or what a registry has (docker/cli
 * …/manifest/inspect.go).
 */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { messageOf } from '../../shared/for-each.ts'
import {
  type ImageReference,
  formatReference,
  parseReference,
  withDefaultTag,
} from '../../../../vocabulary/image-reference.ts'
import { fetchDocument, fetchManifest, imageManifest, listedManifests } from './fetch-manifest.ts'
import { isManifestType, manifestJson, type ImageManifest } from './image-manifest.ts'
import { jsonText } from './json-text.ts'
import { manifestList, requireSameRegistry } from './manifest-list.ts'
import { ManifestStore } from './manifest-store.ts'
import type { ManifestFlags } from '../table/manifest-flags.ts'

export async function inspect(context: CliContext<ManifestFlags['inspect']>): Promise<number> {
  const reference = parseReference(context.args.at(-1)!)
  const text =
    context.args.length === 2
      ? await inspectOneOf(context, parseReference(context.args[0]!), reference)
      : ((await inspectLocal(context, reference)) ?? (await inspectRemote(context, reference)))
  await context.session.stdout.write(`${text}\n`)
  return 0
}

async function inspectOneOf(
  context: CliContext<ManifestFlags['inspect']>,
  list: ImageReference,
  image: ImageReference,
): Promise<string> {
  const manifest = await new ManifestStore(context).one(list, image)
  // Docker encodes the stored document again, so that even without `--verbose` it comes out escaped.
  const value = context.flags.bool('verbose') ? manifestJson(manifest) : parsed(manifest.document)
  return jsonText(value, '\t')
}

/** Undefined when there is no such list; Docker then asks the registry. */
async function inspectLocal(
  context: CliContext<ManifestFlags['inspect']>,
  reference: ImageReference,
): Promise<string | undefined> {
  const manifests = await new ManifestStore(context).find(reference)
  if (manifests === undefined) return undefined
  if (context.flags.bool('verbose')) return jsonText(manifests.map(manifestJson), '\t')
  for (const manifest of manifests) assemble(reference, manifest)
  return manifestList(manifests.map(({ descriptor }) => descriptor)).document
}

function assemble(target: ImageReference, manifest: ImageManifest): void {
  try {
    requireSameRegistry(target, manifest)
  } catch (error) {
    throw new CliError(`failed to assemble ManifestDescriptor: ${messageOf(error)}`)
  }
}

async function inspectRemote(
  context: CliContext<ManifestFlags['inspect']>,
  reference: ImageReference,
): Promise<string> {
  const verbose = context.flags.bool('verbose')
  const found = await fetchDocument(context, reference)
  if (isManifestType(found.descriptor.mediaType))
    return verbose
      ? jsonText(manifestJson(imageManifest(formatReference(withDefaultTag(reference)), found)), '\t')
      : JSON.stringify(parsed(found.document), null, '\t')
  const entries = listedManifests(found, formatReference(withDefaultTag(reference)))
  // Docker fetches each image here, only to assemble the same list again.
  if (!verbose) return manifestList(entries).document
  const manifests: ImageManifest[] = []
  for (const { digest, platform } of entries) {
    const one = { ...reference, tag: undefined, digest }
    const { descriptor, document } = await fetchManifest(context, one)
    const ref = formatReference(
      withDefaultTag({ ...reference, tag: reference.tag ?? tagOf(reference), digest }),
    )
    manifests.push({ ref, descriptor: { ...descriptor, platform }, document })
  }
  return jsonText(manifests.map(manifestJson), '\t')
}

/** The tag that a reference without one stands for; undefined when it has a digest. */
const tagOf = ({ digest }: ImageReference): string | undefined =>
  digest === undefined ? 'latest' : undefined

const parsed = (document: string): unknown => JSON.parse(document)

/** `docker manifest push`: docker/cli cli/command/manifest/push.go. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { ApiError } from '../../shared/api-error.ts'
import { messageOf } from '../../shared/for-each.ts'
import {
  type ImageReference,
  formatReference,
  parseReference,
  repositoryName,
  withDefaultTag,
} from '../../../../vocabulary/image-reference.ts'
import { registryAuth } from '../image/registry-auth.ts'
import { blobsOf, verifyDocument, type ImageManifest } from './image-manifest.ts'
import { manifestList, requireSameRegistry, type ManifestList } from './manifest-list.ts'
import { ManifestStore } from './manifest-store.ts'
import type { ManifestFlags } from '../table/manifest-flags.ts'

export async function push(context: CliContext<ManifestFlags['push']>): Promise<number> {
  const { session, flags } = context
  const target = parseReference(context.args[0]!)
  const store = new ManifestStore(context)
  const manifests = await store.list(target)
  if (manifests.length === 0) throw new CliError(`${formatReference(withDefaultTag(target))} not found`)
  for (const manifest of manifests) requirePushable(target, manifest)
  const list = manifestList(manifests.map(({ descriptor }) => descriptor))
  const elsewhere = manifests.filter(({ ref }) => parseReference(ref).path !== target.path)
  for (const manifest of elsewhere) verifyDocument(manifest)
  for (const manifest of elsewhere) await mountBlobs(context, target, manifest)
  for (const { descriptor, document } of elsewhere) {
    const ref = `${repositoryName(target)}@${descriptor.digest}`
    const digest = await putManifest(context, parseReference(ref), { ...descriptor, document })
    await session.stdout.write(`Pushed ref ${ref} with digest: ${digest}\n`)
  }
  await session.stdout.write(`${await putManifest(context, target, list)}\n`)
  if (flags.bool('purge')) await store.remove(target)
  return 0
}

/** @throws CliError with Docker's sentence */
function requirePushable(target: ImageReference, manifest: ImageManifest): void {
  const { os, architecture } = manifest.descriptor.platform
  if (os === '' || architecture === '')
    throw new CliError(`manifest ${manifest.ref} must have an OS and Architecture to be pushed to a registry`)
  requireSameRegistry(target, manifest)
}

/** A list's images must be in its own repository: the registry mounts their blobs there, so they are not sent again. */
async function mountBlobs(
  context: CliContext,
  target: ImageReference,
  manifest: ImageManifest,
): Promise<void> {
  const from = parseReference(manifest.ref).path
  for (const digest of blobsOf(manifest)) {
    const { mounted } = await asking(
      `failed to mount blob ${from}@${digest} to ${formatReference(withDefaultTag(target))}`,
      async () =>
        context.api.json(
          'POST',
          `/porthole/mounts/${encodeURIComponent(formatReference(withDefaultTag(target)))}`,
          {
            ...(await registryAuth(context, target.domain)),
            query: { digest, from },
          },
        ),
    )
    // Layers of Windows images may lie outside the registry.
    if (!mounted && manifest.descriptor.platform.os !== 'windows')
      throw new CliError(`error mounting ${from}@${digest} to ${formatReference(withDefaultTag(target))}`)
  }
}

async function putManifest(
  context: CliContext,
  reference: ImageReference,
  { mediaType, document }: ManifestList,
): Promise<string> {
  const name = formatReference(withDefaultTag(reference))
  const { digest } = await asking(`failed to put manifest ${name}`, async () =>
    context.api.json('PUT', `/porthole/manifests/${encodeURIComponent(name)}`, {
      ...(await registryAuth(context, reference.domain)),
      bytes: bytesOf(document),
      contentType: mediaType,
    }),
  )
  return digest
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** Docker's client hears the refusal from the registry, so its message has no prefix of the engine. */
async function asking<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new CliError(`${what}: ${error instanceof ApiError ? error.reason : messageOf(error)}`)
  }
}

/** `docker manifest create`: docker/cli cli/command/manifest/create_list.go. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatReference, parseReference, withDefaultTag } from '../../../../vocabulary/image-reference.ts'
import { fetchManifest } from './fetch-manifest.ts'
import { ManifestStore } from './manifest-store.ts'
import { parseNamed } from './parse-named.ts'
import type { ManifestFlags } from '../table/manifest-flags.ts'

export async function create(context: CliContext<ManifestFlags['create']>): Promise<number> {
  const [name, ...images] = context.args as [string, ...string[]]
  const target = parseNamed(name, `error parsing name for manifest list ${name}`)
  const store = new ManifestStore(context)
  if ((await store.find(target)) !== undefined && !context.flags.bool('amend'))
    throw new CliError('refusing to amend an existing manifest list with no --amend flag')
  for (const image of images) {
    const reference = parseReference(image)
    // A manifest that is already in the list stays as it was annotated.
    const manifest = (await store.findOne(target, reference)) ?? (await fetchManifest(context, reference))
    await store.save(target, reference, manifest)
  }
  await context.session.stdout.write(`Created manifest list ${formatReference(withDefaultTag(target))}\n`)
  return 0
}

/** `docker manifest annotate`: docker/cli cli/command/manifest/annotate.go, util.go. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { ManifestStore } from './manifest-store.ts'
import { parseNamed } from './parse-named.ts'
import type { ManifestFlags } from '../table/manifest-flags.ts'

/** The architectures of each system that Go runs on, as Docker's client lists them. */
const ARCHITECTURES = new Map<string, readonly string[]>([
  ['darwin', ['386', 'amd64', 'arm', 'arm64']],
  ['dragonfly', ['amd64']],
  ['freebsd', ['386', 'amd64', 'arm']],
  ['linux', ['386', 'amd64', 'arm', 'arm64', 'ppc64le', 'mips64', 'mips64le', 'riscv64', 's390x']],
  ['netbsd', ['386', 'amd64', 'arm']],
  ['openbsd', ['386', 'amd64', 'arm']],
  ['plan9', ['386', 'amd64']],
  ['solaris', ['amd64']],
  ['windows', ['386', 'amd64']],
])

export async function annotate(context: CliContext<ManifestFlags['annotate']>): Promise<number> {
  const { args, flags } = context
  const [list, image] = args as [string, string]
  const target = parseNamed(list, `annotate: error parsing name for manifest list ${list}`)
  const reference = parseNamed(image, `annotate: error parsing name for manifest ${image}`)
  const store = new ManifestStore(context)
  const manifest = await store.findOne(target, reference)
  if (manifest === undefined) throw new CliError(`manifest for image ${image} does not exist in ${list}`)
  const { platform } = manifest.descriptor
  const annotated = {
    architecture: flags.string('arch') || platform.architecture,
    os: flags.string('os') || platform.os,
    'os.version': flags.string('os-version') || platform['os.version'],
    'os.features': [...new Set([...(platform['os.features'] ?? []), ...flags.list('os-features')])],
    variant: flags.string('variant') || platform.variant,
  }
  if (ARCHITECTURES.get(annotated.os)?.includes(annotated.architecture) !== true)
    throw new CliError(
      `manifest entry for image has unsupported os/arch combination: ${flags.string('os')}/${flags.string('arch')}`,
    )
  const descriptor = { ...manifest.descriptor, platform: annotated }
  await store.save(target, reference, { ...manifest, descriptor })
  return 0
}

/** Flags of `docker manifest …`. Words are Docker's (CLI 26.1). */
import { flagTables, type TypesOfAll } from '../../shared/flag-spec.ts'

/** Accepted for compatibility, without effect: the page decides which registries may go without TLS. */
const INSECURE = {
  name: 'insecure',
  type: 'bool',
  usage: 'Allow communication with an insecure registry',
} as const

export const MANIFEST_FLAGS = flagTables({
  annotate: [
    { name: 'arch', type: 'string', usage: 'Set architecture' },
    { name: 'os', type: 'string', usage: 'Set operating system' },
    { name: 'os-features', type: 'stringSlice', usage: 'Set operating system feature' },
    { name: 'os-version', type: 'string', usage: 'Set operating system version' },
    { name: 'variant', type: 'string', usage: 'Set architecture variant' },
  ],
  create: [{ name: 'amend', short: 'a', type: 'bool', usage: 'Amend an existing manifest list' }, INSECURE],
  inspect: [
    INSECURE,
    {
      name: 'verbose',
      short: 'v',
      type: 'bool',
      usage: 'Output additional info including layers and platform',
    },
  ],
  push: [
    { ...INSECURE, usage: 'Allow push to an insecure registry' },
    { name: 'purge', short: 'p', type: 'bool', usage: 'Remove the local manifest list after push' },
  ],
})

export type ManifestFlags = TypesOfAll<typeof MANIFEST_FLAGS>

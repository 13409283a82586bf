/** Rows of the command table: `docker manifest …`. Words are Docker's (CLI 26.1). */
import type { FlagSpec } from '../../shared/flag-spec.ts'
import type { CommandSpec, GroupSpec } from '../../shared/command.ts'

export const MANIFEST_GROUP: GroupSpec = {
  name: 'manifest',
  summary: 'Manage Docker image manifests and manifest lists',
  long: `The **docker manifest** command has subcommands for managing image manifests and
manifest lists. A manifest list allows you to use one name to refer to the same image
built for multiple architectures.

To see help for a subcommand, use:

    docker manifest CMD --help

For full details on using docker manifest lists, see the registry v2 specification.`,
  experimental: true,
}

/** Accepted for compatibility, without effect: the page decides which registries may go without TLS. */
const INSECURE: FlagSpec = {
  name: 'insecure',
  type: 'bool',
  usage: 'Allow communication with an insecure registry',
}

export const MANIFEST_COMMANDS: readonly CommandSpec[] = [
  {
    group: 'manifest',
    name: 'annotate',
    operands: '[OPTIONS] MANIFEST_LIST MANIFEST',
    summary: 'Add additional information to a local image manifest',
    positional: { rule: 'exact', count: 2 },
    flags: [
      { name: 'arch', type: 'string', usage: 'Set architecture' },
      { name: 'os', type: 'string', usage: 'Set operating system' },
      { name: 'os-features', type: 'stringSlice', usage: 'Set operating system feature' },
      { name: 'os-version', type: 'string', usage: 'Set operating system version' },
      { name: 'variant', type: 'string', usage: 'Set architecture variant' },
    ],
    load: async () => (await import('../manifest/annotate.ts')).annotate,
  },
  {
    group: 'manifest',
    name: 'create',
    operands: 'MANIFEST_LIST MANIFEST [MANIFEST...]',
    summary: 'Create a local manifest list for annotating and pushing to a registry',
    positional: { rule: 'min', count: 2 },
    flags: [{ name: 'amend', short: 'a', type: 'bool', usage: 'Amend an existing manifest list' }, INSECURE],
    load: async () => (await import('../manifest/create.ts')).create,
  },
  {
    group: 'manifest',
    name: 'inspect',
    operands: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
    summary: 'Display an image manifest, or manifest list',
    positional: { rule: 'range', min: 1, max: 2 },
    flags: [
      INSECURE,
      {
        name: 'verbose',
        short: 'v',
        type: 'bool',
        usage: 'Output additional info including layers and platform',
      },
    ],
    load: async () => (await import('../manifest/inspect.ts')).inspect,
  },
  {
    group: 'manifest',
    name: 'push',
    operands: '[OPTIONS] MANIFEST_LIST',
    summary: 'Push a manifest list to a repository',
    positional: { rule: 'exact', count: 1 },
    flags: [
      { ...INSECURE, usage: 'Allow push to an insecure registry' },
      { name: 'purge', short: 'p', type: 'bool', usage: 'Remove the local manifest list after push' },
    ],
    load: async () => (await import('../manifest/push.ts')).push,
  },
  {
    group: 'manifest',
    name: 'rm',
    operands: 'MANIFEST_LIST [MANIFEST_LIST...]',
    summary: 'Delete one or more manifest lists from local storage',
    positional: { rule: 'min', count: 1 },
    flags: [],
    load: async () => (await import('../manifest/remove.ts')).remove,
  },
]

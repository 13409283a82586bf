/** Rows of the command table: `docker manifest …`. Words are Docker's (CLI 26.1). */
import { command, type CommandSpec, type GroupSpec } from '../../shared/command.ts'
import { MANIFEST_FLAGS } from './manifest-flags.ts'

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

export const MANIFEST_COMMANDS: readonly CommandSpec[] = [
  command({
    group: 'manifest',
    name: 'annotate',
    operands: '[OPTIONS] MANIFEST_LIST MANIFEST',
    summary: 'Add additional information to a local image manifest',
    positional: { rule: 'exact', count: 2 },
    flags: MANIFEST_FLAGS.annotate,
    load: async () => (await import('../manifest/annotate.ts')).annotate,
  }),
  command({
    group: 'manifest',
    name: 'create',
    operands: 'MANIFEST_LIST MANIFEST [MANIFEST...]',
    summary: 'Create a local manifest list for annotating and pushing to a registry',
    positional: { rule: 'min', count: 2 },
    flags: MANIFEST_FLAGS.create,
    load: async () => (await import('../manifest/create.ts')).create,
  }),
  command({
    group: 'manifest',
    name: 'inspect',
    operands: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
    summary: 'Display an image manifest, or manifest list',
    positional: { rule: 'range', min: 1, max: 2 },
    flags: MANIFEST_FLAGS.inspect,
    load: async () => (await import('../manifest/inspect.ts')).inspect,
  }),
  command({
    group: 'manifest',
    name: 'push',
    operands: '[OPTIONS] MANIFEST_LIST',
    summary: 'Push a manifest list to a repository',
    positional: { rule: 'exact', count: 1 },
    flags: MANIFEST_FLAGS.push,
    load: async () => (await import('../manifest/push.ts')).push,
  }),
  command({
    group: 'manifest',
    name: 'rm',
    operands: 'MANIFEST_LIST [MANIFEST_LIST...]',
    summary: 'Delete one or more manifest lists from local storage',
    positional: { rule: 'min', count: 1 },
    flags: [],
    load: async () => (await import('../manifest/remove.ts')).remove,
  }),
]

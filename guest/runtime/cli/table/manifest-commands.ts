/** Rows of the command table: `docker manifest …`. Words are Docker's (CLI 26.1). */
import type { CommandSpec } from '../command.ts'

export const MANIFEST_COMMANDS: readonly CommandSpec[] = [
  {
    group: 'manifest',
    name: 'inspect',
    operands: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
    summary: 'Display an image manifest, or manifest list',
    positional: { rule: 'range', min: 1, max: 2 },
    flags: [
      { name: 'insecure', type: 'bool', usage: 'Allow communication with an insecure registry' },
      {
        name: 'verbose',
        short: 'v',
        type: 'bool',
        usage: 'Output additional info including layers and platform',
      },
    ],
    load: async () => (await import('../image/manifest-inspect.ts')).manifestInspect,
  },
]

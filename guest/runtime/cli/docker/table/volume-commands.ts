/** Rows of the command table: `docker volume …`. Words are Docker's (CLI 26.1). */
import { command, type CommandSpec } from '../../shared/command.ts'
import { VOLUME_FLAGS } from './volume-flags.ts'

export const VOLUME_COMMANDS: readonly CommandSpec[] = [
  command({
    group: 'volume',
    name: 'create',
    operands: '[OPTIONS] [VOLUME]',
    summary: 'Create a volume',
    positional: { rule: 'max', count: 1 },
    flags: VOLUME_FLAGS.create,
    load: async () => (await import('../volume/create.ts')).create,
  }),
  command({
    group: 'volume',
    name: 'inspect',
    operands: '[OPTIONS] VOLUME [VOLUME...]',
    summary: 'Display detailed information on one or more volumes',
    positional: { rule: 'min', count: 1 },
    flags: VOLUME_FLAGS.inspect,
    load: async () => (await import('../system/inspect.ts')).inspectVolumes,
  }),
  command({
    group: 'volume',
    name: 'ls',
    aliases: ['list'],
    operands: '[OPTIONS]',
    summary: 'List volumes',
    positional: { rule: 'none' },
    flags: VOLUME_FLAGS.ls,
    load: async () => (await import('../volume/list.ts')).list,
  }),
  command({
    group: 'volume',
    name: 'prune',
    operands: '[OPTIONS]',
    summary: 'Remove unused local volumes',
    positional: { rule: 'none' },
    flags: VOLUME_FLAGS.prune,
    load: async () => (await import('../volume/prune.ts')).prune,
  }),
  command({
    group: 'volume',
    name: 'rm',
    aliases: ['remove'],
    operands: '[OPTIONS] VOLUME [VOLUME...]',
    summary: 'Remove one or more volumes',
    long: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
    example: '\n$ docker volume rm hello\nhello\n',
    positional: { rule: 'min', count: 1 },
    flags: VOLUME_FLAGS.rm,
    load: async () => (await import('../volume/remove.ts')).remove,
  }),
]

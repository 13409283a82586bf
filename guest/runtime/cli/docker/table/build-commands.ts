/** Rows of the command table: `docker build` and `docker builder …`, for the classic builder. */
import { command, type CommandSpec } from '../../shared/command.ts'
import { BUILD_FLAGS } from './build-flags.ts'

export const BUILD_COMMANDS: readonly CommandSpec[] = [
  command({
    group: 'image',
    name: 'build',
    top: 'build',
    alsoIn: 'builder',
    operands: '[OPTIONS] PATH | URL | -',
    summary: 'Build an image from a Dockerfile',
    common: 4,
    positional: { rule: 'exact', count: 1 },
    flags: BUILD_FLAGS.build,
    load: async () => (await import('../build/build.ts')).build,
  }),
  command({
    group: 'builder',
    name: 'prune',
    operands: '',
    summary: 'Remove build cache',
    positional: { rule: 'none' },
    flags: BUILD_FLAGS.prune,
    load: async () => (await import('../build/prune.ts')).prune,
  }),
]

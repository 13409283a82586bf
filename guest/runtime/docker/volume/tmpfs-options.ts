/** Options of tmpfs mounts, from `--tmpfs /run:size=64m` and from `--mount type=tmpfs`. Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import type { MountRequest } from '../../../protocol/api/engine-api.ts'

/** Docker's defaults, which the request may undo (`exec`). */
const DEFAULTS = ['noexec', 'nosuid', 'nodev']

/** Pairs of opposites; the last one given counts. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['exec', 'noexec'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['rw', 'ro'],
  ['atime', 'noatime'],
  ['diratime', 'nodiratime'],
  ['sync', 'async'],
]
const FLAGS = new Set([
  ...OPPOSITES.flat(),
  'defaults',
  'relatime',
  'norelatime',
  'strictatime',
  'nostrictatime',
])
const PROPAGATION = new Set([
  'private',
  'rprivate',
  'shared',
  'rshared',
  'slave',
  'rslave',
  'unbindable',
  'runbindable',
])
/** `key=value` options of the file system (tmpfs(5)). */
const KEYS = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'])

/** Merges `size=64m,exec` with Docker's defaults; later options win. Throws `invalid tmpfs option ["x" "1"]`. */
export function tmpfsOptions(text: string): string[] {
  const given = text.split(',').filter((option) => option !== '')
  for (const option of given) {
    const key = option.split('=', 1)[0]!
    const isKnown = option.includes('=') ? KEYS.has(key) : FLAGS.has(option) || PROPAGATION.has(option)
    if (isKnown) continue
    // The sentence has the two sides of the first `=` as Go prints a list (github.com/moby/sys/mount,
    // MergeTmpfsOptions).
    const parts = option.split(/=(.*)/s, 2).map((part) => JSON.stringify(part))
    throw new EngineError('invalid', `invalid tmpfs option [${parts.join(' ')}]`)
  }
  return merge([...DEFAULTS, ...given.filter((option) => option !== 'defaults')])
}

function merge(options: readonly string[]): string[] {
  const opposite = (option: string) => OPPOSITES.find((pair) => pair.includes(option))
  const key = (option: string) =>
    opposite(option)?.join() ?? (option.includes('=') ? option.split('=', 1)[0]! : option)
  const merged = new Map<string, string>()
  for (const option of options) {
    merged.delete(key(option))
    merged.set(key(option), option)
  }
  return [...merged.values()]
}

/** The options of a `--mount type=tmpfs`. */
export function tmpfsMountOptions(request: MountRequest): string[] {
  const { SizeBytes, Mode, Options } = request.TmpfsOptions ?? {}
  const options: string[] = request.ReadOnly ? ['ro'] : []
  if (Mode) options.push(`mode=${Mode.toString(8)}`)
  if (SizeBytes) options.push(`size=${sizeWithSuffix(SizeBytes)}`)
  for (const option of Options ?? []) {
    if (option.length < 1 || option.length > 2)
      throw new EngineError('invalid', 'invalid option array length')
    if (option[0] !== 'exec' && option[0] !== 'noexec') {
      throw new EngineError('invalid', `invalid option: ${option[0]}`)
    }
    options.push(option.join('='))
  }
  return tmpfsOptions(options.join(','))
}

function sizeWithSuffix(bytes: number): string {
  for (const [suffix, unit] of [
    ['g', 2 ** 30],
    ['m', 2 ** 20],
    ['k', 2 ** 10],
  ] as const) {
    if (bytes % unit === 0) return `${bytes / unit}${suffix}`
  }
  return String(bytes)
}

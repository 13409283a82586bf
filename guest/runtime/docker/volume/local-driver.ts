/** Options of the `local` volume driver: a directory, or any file system the guest can mount there. Pure. */
import { EngineError } from '../../../protocol/errors.ts'
import type { HostPlan } from '../../plan/plan.ts'

type Options = Record<string, string> | null | undefined

const KNOWN = ['type', 'o', 'device', 'size']
const NEEDS: Record<string, readonly string[]> = { device: ['type'], type: ['device'], o: ['device', 'type'] }
/** Flags of mount(2) by their names in mount(8). */
const FLAGS: Record<string, number> = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  rbind: 4096 | 16384,
  relatime: 1 << 21,
  strictatime: 1 << 24,
}
/** Names of mount(8) for what holds without any flag. */
const NO_FLAGS = new Set(['rw', 'suid', 'dev', 'exec', 'async', 'atime', 'diratime', 'defaults'])
const MNT_DETACH = 2
/** The guest has no network file systems. */
const REMOTE = ['nfs', 'nfs4', 'cifs']

/** Checks options, as moby's volume/local does. Throws EngineError `invalid` in Docker's words. */
export function checkLocalOptions(options: Options): void {
  for (const option of Object.keys(options ?? {})) {
    if (!KNOWN.includes(option)) throw new EngineError('invalid', `invalid option: ${JSON.stringify(option)}`)
  }
  if (options?.['size']) throw new EngineError('invalid', 'quota size requested but no quota support')
  for (const [option, required] of Object.entries(NEEDS)) {
    if (options?.[option] === undefined) continue
    const missing = required.find((other) => options[other] === undefined)
    if (missing !== undefined) {
      throw new EngineError('invalid', `missing required option: ${JSON.stringify(missing)}`)
    }
  }
  const type = options?.['type']
  if (type !== undefined && REMOTE.includes(type)) {
    throw new EngineError(
      'not-supported',
      `volumes of type ${type} are not available: the guest has no network file systems`,
    )
  }
}

export function needsMount(options: Options): boolean {
  return options?.['device'] !== undefined && options['device'] !== ''
}

export function mountPlan(options: Record<string, string>, target: string): HostPlan {
  const words = (options['o'] ?? '').split(',').filter((word) => word !== '' && !NO_FLAGS.has(word))
  const flags = words.reduce((sum, word) => sum | (FLAGS[word] ?? 0), 0)
  const data = words.filter((word) => FLAGS[word] === undefined).join(',')
  const type = options['type'] === 'none' ? '' : options['type']!
  return { steps: [{ op: 'mount', source: options['device']!, target, type, flags, data }] }
}

export function unmountPlan(target: string): HostPlan {
  return { steps: [{ op: 'umount', path: target, flags: MNT_DETACH, tolerate: 'EINVAL' }] }
}

/** Whether a line of /proc/self/mountinfo (proc_pid_mountinfo(5)) has this mount point. */
export function isMounted(mountinfo: string, target: string): boolean {
  return mountinfo.split('\n').some((line) => unescapePath(line.split(' ')[4] ?? '') === target)
}

/** Replaces the octal escapes that the kernel writes for space, tab, newline and backslash. */
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
}

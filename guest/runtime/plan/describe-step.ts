/** Steps and failures in words, for messages and the timeline. */
import { errnoText } from './errno.ts'
import type { LaunchPlan, Step } from './plan.ts'

/** Arguments worth showing, most telling first. */
const SHOWN = ['type', 'source', 'target', 'path', 'name', 'file', 'cgroup', 'user', 'argv'] as const

/** `mount-fs proc /proc` */
export function describeStep(step: Step): string {
  const values = step as unknown as Record<string, unknown>
  const words = SHOWN.flatMap((key) => {
    const value = values[key]
    if (Array.isArray(value)) return [String(value[0] ?? '')]
    return typeof value === 'string' && value !== '' ? [value] : []
  })
  return [step.op, ...words].join(' ')
}

/** `mount-fs proc /proc: operation not permitted` */
export const describeFailure = (step: Step, errno: number): string =>
  `${describeStep(step)}: ${errnoText(errno)}`

export interface ExecutionFailure {
  /** As the shell and Docker have it: 127 not found, 126 found but not executable. */
  exitCode: 126 | 127
  /** Docker's sentence without its prefix: `exec: "foo": executable file not found in $PATH`. */
  message: string
}

/**
 * What a failure of these steps means to the user of `docker run`: the program cannot be started. Sentences are those of
 * Go's os/exec and of runC; undefined for every other failure.
 */
export function executionFailure(
  plan: LaunchPlan,
  failure: { step: number; role: string; errno: number },
): ExecutionFailure | undefined {
  const step = failure.role === 'init' ? plan.init[failure.step] : undefined
  if (step?.op === 'chdir') {
    const message = `chdir to cwd ("${step.path}") set in config.json failed: ${errnoText(failure.errno)}`
    return { exitCode: failure.errno === 2 ? 127 : 126, message }
  }
  if (step?.op !== 'execute') return undefined
  const program = step.argv[0] ?? ''
  const text = errnoText(failure.errno)
  if (failure.errno !== 2) return { exitCode: 126, message: `exec: "${program}": ${text}` }
  if (program.includes('/')) return { exitCode: 127, message: `exec: "${program}": stat ${program}: ${text}` }
  return { exitCode: 127, message: `exec: "${program}": executable file not found in $PATH` }
}

/** Docker's sentence for a `--user` or `--group-add` that the image's files do not know; undefined for other failures. */
export function userFailure(step: Step | undefined, errno: number): string | undefined {
  if (step?.op === 'add-group' && errno === 3)
    return `Unable to find group ${step.group}: no matching entries in group file`
  if (step?.op !== 'resolve-user') return undefined
  const [user, group] = step.user.split(':')
  if (errno === 2) return `unable to find user ${user}: no matching entries in passwd file`
  if (errno === 3) return `unable to find group ${group}: no matching entries in group file`
  return undefined
}

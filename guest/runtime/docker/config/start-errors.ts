/** Words a failed launch as runC and dockerd do, with the exit code that Docker gives it. */
import { posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import { userFailure } from '../../plan/describe-step.ts'
import { quote } from '../../../vocabulary/go-quote.ts'
import { errnoText } from '../../plan/errno.ts'
import type { LaunchPlan, Step } from '../../plan/plan.ts'

export const EXIT_CODE = {
  /** The command cannot be invoked. */
  permission: 126,
  /** The command, or what a mount needs, does not exist. */
  notFound: 127,
  /** The engine's own failure. */
  other: 128,
} as const

const ERRNO = { ENOENT: 2, ENOEXEC: 8, EACCES: 13, EXDEV: 18, ENOTDIR: 20, EISDIR: 21 }

export interface LaunchFailure {
  exitCode: number
  error: EngineError
}

interface Details {
  step: number
  role: 'shim' | 'init'
  op: string
  errno: number
}

function detailsOf(error: EngineError): Details | undefined {
  const { step, role, op, errno } = error.details
  if (typeof step !== 'number' || typeof errno !== 'number') return undefined
  return { step, role: role === 'init' ? 'init' : 'shim', op: String(op), errno }
}

function executeSentence(command: string, errno: number): string {
  if (errno === ERRNO.ENOENT || errno === ERRNO.ENOTDIR) {
    return command.includes('/')
      ? `exec: "${command}": stat ${command}: ${errnoText(errno).toLowerCase()}`
      : `exec: "${command}": executable file not found in $PATH`
  }
  return `exec: "${command}": ${errnoText(errno).toLowerCase()}`
}

const pathOf = (step: Step | undefined): string => {
  if (!step) return ''
  if ('target' in step) return String(step.target)
  return 'path' in step ? String(step.path) : ''
}

function sentence({ op, errno }: Details, step: Step | undefined): string {
  const text = errnoText(errno).toLowerCase()
  if (step?.op === 'execute') return executeSentence(step.argv[0] ?? '', errno)
  if (step?.op === 'chdir') return `chdir to cwd ("${step.path}") set in config.json failed: ${text}`
  if (step && ['mount', 'mount-fs', 'bind'].includes(step.op))
    return `error mounting to rootfs at "${pathOf(step)}": ${text}`
  const path = pathOf(step)
  return `${op}${path && ` ${path}`}: ${text}`
}

/** The failure of a mount whose subpath of a volume or an image is missing or leads out of it (moby, internal/safepath). */
function subpathFailure(plan: readonly Step[], index: number, errno: number): EngineError | undefined {
  const step = plan[index]
  if (step?.op !== 'bind' || step.sourceBeneath !== true) return undefined
  const opened = plan.slice(0, index).findLast((one) => one.op === 'open' && one.slot === step.sourceAt)
  const base = pathOf(opened)
  if (errno === ERRNO.EXDEV)
    return new EngineError(
      'invalid',
      `path concatenation escapes the base directory, base: ${base}, subpath: ${step.source}`,
    )
  const path = posix.join(base, step.source)
  if (errno === ERRNO.ENOENT)
    return new EngineError(
      'not-found',
      `cannot access path ${path}: lstat ${path}: no such file or directory`,
    )
  if (errno !== ERRNO.ENOTDIR) return undefined
  return new EngineError(
    'internal',
    `error while resolving symlinks in combined path ${quote(path)}: lstat ${path}: not a directory`,
  )
}

/**
 * Words the failure.
 * @param wrap the sentence around it, which differs between start and exec; `$` stands for what failed
 */
export function launchFailure(
  thrown: unknown,
  plan: Pick<LaunchPlan, 'shim' | 'init'>,
  wrap: string,
): LaunchFailure {
  const error = EngineError.from(thrown)
  const details = detailsOf(error)
  if (!details) return { exitCode: EXIT_CODE.other, error }
  const step = plan[details.role][details.step]
  const { errno } = details
  const wrongSubpath = subpathFailure(plan[details.role], details.step, errno)
  if (wrongSubpath !== undefined)
    return {
      exitCode: EXIT_CODE.other,
      error: new EngineError(wrongSubpath.code, wrongSubpath.message, error.details, error),
    }
  const unknown = userFailure(step, errno)
  if (unknown !== undefined) {
    return {
      exitCode: EXIT_CODE.permission,
      error: new EngineError('internal', unknown, error.details, error),
    }
  }
  const message = wrap.replace('$', () => sentence(details, step))
  const fail = (exitCode: number, code: 'invalid' | 'internal', text: string): LaunchFailure => ({
    exitCode,
    error: new EngineError(code, text, error.details, error),
  })
  if (errno === ERRNO.EACCES) return fail(EXIT_CODE.permission, 'invalid', message)
  // Clients look for these words to choose their exit status.
  if (errno === ERRNO.EISDIR) return fail(EXIT_CODE.permission, 'invalid', `${message}: permission denied`)
  if (errno === ERRNO.ENOTDIR && step?.op !== 'execute') {
    const hint =
      ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type'
    return fail(EXIT_CODE.notFound, 'invalid', message + hint)
  }
  if (errno === ERRNO.ENOENT || errno === ERRNO.ENOTDIR) return fail(EXIT_CODE.notFound, 'invalid', message)
  return fail(EXIT_CODE.other, 'internal', message)
}

export const START_SENTENCE =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: $: unknown'

export const EXEC_SENTENCE =
  'OCI runtime exec failed: exec failed: unable to start container process: $: unknown'

/** Execs as the API creates, inspects and resizes them; exec-process.ts runs them. */
import { nextState } from '../../../protocol/states/container-states.ts'
import type { ExecCreateRequest, ExecInspect } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { CLONE } from '../../plan/linux-constants.ts'
import { SLOT, type Step } from '../../plan/plan.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { requestedKeys } from '../stream/requested-keys.ts'
import { Exec, type ExecSettings } from '../state/exec-store.ts'
import { notRunning } from '../state/not-running.ts'
import { processEnv } from '../config/generate-spec.ts'
import { GUEST_ENV, GUEST_SHELL } from './guest-process.ts'
import { randomId } from '../state/ids.ts'
import { linkedEnvironment } from '../config/legacy-links.ts'
import { launchFailure } from '../config/start-errors.ts'

/**
 * Milliseconds for which an exec can be inspected after its end, and for which a process of the guest waits for its
 * start.
 */
export const REMEMBERED = 5 * 60_000

function settingsOf(
  request: ExecCreateRequest,
  command: string[],
): Omit<ExecSettings, 'containerId' | 'env'> {
  const size = request.ConsoleSize
  return {
    command,
    tty: request.Tty ?? false,
    stdin: request.AttachStdin ?? false,
    stdout: request.AttachStdout ?? false,
    stderr: request.AttachStderr ?? false,
    privileged: request.Privileged ?? false,
    user: request.User ?? '',
    workingDir: request.WorkingDir ?? '',
    detachKeys: request.DetachKeys ?? '',
    consoleSize: size && size[0] > 0 ? { rows: size[0], columns: size[1] } : undefined,
  }
}

/** Refuses a user whom the container's own files do not know, before there is an exec (daemon/exec.go). */
async function checkUser(context: EngineContext, container: Container, user: string): Promise<void> {
  const { task } = container
  if (!task) throw notRunning(container, 'exec')
  const { pid, startTime } = task.identity
  const steps: Step[] = [
    { op: 'open-process', slot: SLOT.process, pid, startTime: BigInt(startTime) },
    { op: 'setns-slot', slot: SLOT.process, flags: Number(CLONE.NEWNS) },
    { op: 'open-tree', slot: SLOT.bareRoot, path: '/' },
    { op: 'resolve-user', at: SLOT.bareRoot, user },
  ]
  try {
    if ((await task.whileAlive(() => context.launcher.run({ steps }))) !== 'ended') return
  } catch (thrown) {
    const { error } = launchFailure(thrown, { shim: steps, init: [] }, '$')
    throw new EngineError('invalid', error.message, error.details, thrown)
  }
  throw notRunning(container, 'exec')
}

/**
 * Checks the command, which Docker looks at before the container's name and state.
 * @throws EngineError `invalid` without a command
 */
export function checkExecRequest(request: ExecCreateRequest): void {
  if (!request.Cmd?.length) throw new EngineError('invalid', 'No exec command specified')
}

export async function createExec(
  context: EngineContext,
  container: Container,
  request: ExecCreateRequest,
  calledBy = container.plainName,
): Promise<string> {
  nextState(container.calledBy(calledBy), 'exec')
  if (request.User) await checkUser(context, container, request.User)
  requestedKeys(request.DetachKeys, 'escape')
  const { record } = container
  const exec = new Exec(randomId(context.random), {
    ...settingsOf(request, request.Cmd ?? []),
    containerId: container.id,
    env: processEnv(record, request.Tty ?? false, {
      links: linkedEnvironment(context, record),
      extra: request.Env ?? [],
    }),
    user: request.User || record.config.User,
    workingDir: request.WorkingDir || record.config.WorkingDir || '/',
  })
  context.execs.add(exec)
  container.execIds.add(exec.id)
  publishExecEvent(context, container, exec, 'exec_create')
  return exec.id
}

/** Creates a process of the guest itself, as root: a terminal of the page. */
export function createGuestExec(context: EngineContext, request: ExecCreateRequest): string {
  const command = request.Cmd?.length ? request.Cmd : [...GUEST_SHELL]
  const settings = settingsOf(request, command)
  const exec = new Exec(randomId(context.random), {
    ...settings,
    containerId: '',
    env: [...GUEST_ENV, ...(settings.tty ? ['TERM=xterm-256color'] : []), ...(request.Env ?? [])],
    workingDir: request.WorkingDir || '/root',
  })
  context.execs.add(exec)
  // No container's removal takes it away, so an exec that is never started removes itself.
  exec.cancelForget = context.clock.after(REMEMBERED, () => context.execs.remove(exec.id))
  return exec.id
}

export function publishExecEvent(
  context: EngineContext,
  container: Container,
  exec: Exec,
  action: string,
): void {
  const what = action === 'exec_die' ? action : `${action}: ${exec.settings.command.join(' ')}`
  publishContainerEvent(context, container, what, {
    execID: exec.id,
    ...(action === 'exec_die' && { exitCode: String(exec.exitCode) }),
  })
}

/** A client asks as soon as it has its stream, before the process may be there: moby, ContainerExecResize. */
export async function resizeExec(exec: Exec, size: { rows: number; columns: number }): Promise<void> {
  if (exec.running) await exec.launched.promise
  if (!exec.running || !exec.task)
    throw new EngineError('conflict', `exec command ${exec.id} is not running`, { exec: exec.id })
  await exec.task.resize(size)
}

/** A client asks for the pid as soon as it has its stream. */
export async function inspectExec(exec: Exec): Promise<ExecInspect> {
  if (exec.running) await exec.launched.promise
  const { settings } = exec
  const [entrypoint = '', ...args] = settings.command
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode,
    ProcessConfig: {
      tty: settings.tty,
      entrypoint,
      arguments: args,
      privileged: settings.privileged,
      ...(settings.user && { user: settings.user }),
    },
    OpenStdin: settings.stdin,
    OpenStderr: settings.stderr,
    OpenStdout: settings.stdout,
    CanRemove: false,
    ContainerID: settings.containerId,
    DetachKeys: settings.detachKeys,
    Pid: exec.task?.identity.pid ?? 0,
  }
}

/** `POST /containers/{id}/exec`, `/exec/{id}/start` and `/porthole/exec`: processes beside the first one. */
import type { ByteStream } from '../../protocol/byte-stream.ts'
import { nextState } from '../../protocol/container-states.ts'
import type { ExecCreateRequest, ExecInspect } from '../../protocol/engine-api.ts'
import { EngineError } from '../../protocol/errors.ts'
import type { Shim, ShimAttachment } from '../host/launcher-api.ts'
import { compileExecPlan } from '../oci/compile-exec-plan.ts'
import { compileTerminalPlan } from '../oci/compile-terminal-plan.ts'
import type { LaunchPlan } from '../oci/plan.ts'
import type { OciProcess, OciSpec } from '../oci/spec.ts'
import type { Container } from './container.ts'
import { publishContainerEvent, type EngineContext } from './context.ts'
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from './detach-keys.ts'
import { Exec, type ExecSettings } from './exec-store.ts'
import { generateSpec, processEnv } from './generate-spec.ts'
import { GUEST_ENV, GUEST_SHELL } from './guest-process.ts'
import { randomId } from './ids.ts'
import { cgroupOf } from './pause-container.ts'
import { pipeAttachment } from './pipe-attachment.ts'
import { specInput } from './prepare-start.ts'
import { SIGKILL } from './signals.ts'
import { allCapabilities, specCapabilities } from './spec-security.ts'
import { multiplexFrame } from './stdcopy.ts'
import { EXEC_SENTENCE, EXIT_CODE, launchFailure } from './start-errors.ts'

/** How long an ended exec can still be inspected. Milliseconds. */
const REMEMBERED = 5 * 60_000

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

export function createExec(context: EngineContext, container: Container, request: ExecCreateRequest): string {
  nextState(container.view, 'exec')
  if (!request.Cmd?.length) throw new EngineError('invalid', 'No exec command specified')
  if (request.DetachKeys) parseDetachKeys(request.DetachKeys)
  const { record } = container
  const exec = new Exec(randomId(context.random), {
    ...settingsOf(request, request.Cmd),
    containerId: container.id,
    env: processEnv(record, request.Tty ?? false, request.Env ?? []),
    user: request.User || record.config.User,
    workingDir: request.WorkingDir || record.config.WorkingDir || '/',
  })
  context.execs.add(exec)
  container.execIds.add(exec.id)
  publishExecEvent(context, container, exec, 'exec_create')
  return exec.id
}

/** A process of the guest itself, as root: the page's terminals. */
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
  return exec.id
}

function publishExecEvent(context: EngineContext, container: Container, exec: Exec, action: string): void {
  const what = action === 'exec_die' ? action : `${action}: ${exec.settings.command.join(' ')}`
  publishContainerEvent(context, container, what, {
    execID: exec.id,
    ...(action === 'exec_die' && { exitCode: String(exec.exitCode) }),
  })
}

/** The container's spec; made again from its record when the engine was restarted since its start. */
export async function specOf(context: EngineContext, container: Container): Promise<OciSpec> {
  const host = container.record.hostConfig.NetworkMode === 'host'
  const netns = host ? undefined : `/proc/${container.record.state.pid}/ns/net`
  container.spec ??= generateSpec(await specInput(context, container.record, netns))
  return container.spec
}

function execProcess({ facts }: EngineContext, { settings }: Exec, spec: OciSpec): OciProcess {
  return {
    ...spec.process!,
    terminal: settings.tty,
    args: settings.command,
    env: settings.env,
    cwd: settings.workingDir || '/',
    user: { ...spec.process!.user, username: settings.user },
    ...(settings.privileged && { capabilities: specCapabilities(allCapabilities(facts.capabilities)) }),
  }
}

async function planOf(context: EngineContext, exec: Exec, container: Container | undefined, held: boolean) {
  const { settings } = exec
  const common = {
    id: exec.id,
    shimDir: context.paths.shims,
    stdin: settings.stdin,
    ...(settings.consoleSize && { consoleSize: settings.consoleSize }),
  }
  if (!container) {
    const { command: argv, env, workingDir: cwd, tty: terminal } = settings
    return compileTerminalPlan({ ...common, argv, env, cwd, terminal })
  }
  const spec = await specOf(context, container)
  return compileExecPlan(spec, execProcess(context, exec, spec), {
    ...common,
    container: container.shim!.identity,
    cgroupPath: cgroupOf(context, container),
    stdinOnce: true,
    holdOutput: held,
  })
}

async function launch(context: EngineContext, exec: Exec, plan: LaunchPlan): Promise<Shim> {
  try {
    return await context.launcher.launch(plan)
  } catch (thrown) {
    const { error, exitCode } = launchFailure(thrown, plan, EXEC_SENTENCE)
    exec.exitCode = exitCode
    throw error
  }
}

function ended(context: EngineContext, exec: Exec, container: Container | undefined): void {
  exec.running = false
  container?.execIds.delete(exec.id)
  exec.ended.resolve(exec.exitCode!)
  exec.cancelForget = context.clock.after(REMEMBERED, () => context.execs.remove(exec.id))
  if (container) publishExecEvent(context, container, exec, 'exec_die')
}

function followExit(context: EngineContext, exec: Exec, container: Container | undefined, shim: Shim): void {
  shim.exited
    .then(
      ({ exitCode }) => exitCode,
      (error: unknown) => {
        context.report(`the shim of exec ${exec.id} was lost`, error)
        return 255
      },
    )
    .then(async (exitCode) => {
      exec.exitCode = exitCode
      shim.release()
      ended(context, exec, container)
      await context.launcher.forget(exec.id)
    })
    .catch((error: unknown) => context.report(`the exit of exec ${exec.id}`, error))
}

/** @throws `conflict` when it ran already or its container can't take it now */
function claim(context: EngineContext, exec: Exec): Container | undefined {
  const { containerId } = exec.settings
  const container = containerId === '' ? undefined : context.containers.find(containerId)
  if (container) nextState(container.view, 'exec')
  if (exec.exitCode !== null) throw new EngineError('conflict', `exec command ${exec.id} has already run`)
  if (exec.running) throw new EngineError('conflict', `exec command ${exec.id} is already running`)
  exec.running = true
  return container
}

export interface ExecStartOptions {
  detach: boolean
  consoleSize?: { rows: number; columns: number }
}

export interface StartedExec {
  /** Serves the client until the process has ended; undefined for a detached one. */
  run?(stream: ByteStream): Promise<void>
}

/** Launch, and hold the output for a client. A failure to launch has been recorded as the exec's end when it rejects. */
async function execute(
  context: EngineContext,
  exec: Exec,
  container: Container | undefined,
  detach: boolean,
): Promise<ShimAttachment | undefined> {
  let shim: Shim
  try {
    shim = await launch(context, exec, await planOf(context, exec, container, !detach))
  } catch (error) {
    exec.exitCode ??= EXIT_CODE.permission
    ended(context, exec, container)
    throw error
  }
  exec.shim = shim
  const attachment = detach ? undefined : await shim.attach({ stdin: exec.settings.stdin })
  followExit(context, exec, container, shim)
  return attachment
}

/** Docker has hijacked the connection by the time a launch fails: the client reads the reason as output. */
async function tellFailure(exec: Exec, thrown: unknown, stream: ByteStream): Promise<void> {
  const text = new TextEncoder().encode(`${EngineError.from(thrown).message}\r\n`)
  await stream.write(exec.settings.tty ? text : multiplexFrame('stdout', text))
  await stream.end()
}

/**
 * Starts the process; with a client, its output is held back until `run`.
 * @throws when it can't be started now; a failed launch rejects only for a detached exec
 */
export async function startExec(
  context: EngineContext,
  exec: Exec,
  options: ExecStartOptions,
): Promise<StartedExec> {
  const container = claim(context, exec)
  if (options.consoleSize) exec.settings.consoleSize = options.consoleSize
  if (container) publishExecEvent(context, container, exec, 'exec_start')
  if (options.detach) {
    await execute(context, exec, container, true)
    return {}
  }
  try {
    const attachment = (await execute(context, exec, container, false))!
    return { run: (stream) => serve(context, exec, container, attachment, stream) }
  } catch (error) {
    return { run: (stream) => tellFailure(exec, error, stream) }
  }
}

async function serve(
  context: EngineContext,
  exec: Exec,
  container: Container | undefined,
  attachment: ShimAttachment,
  stream: ByteStream,
): Promise<void> {
  const { stdin, stdout, stderr, tty, detachKeys } = exec.settings
  const end = await pipeAttachment(stream, attachment, {
    stdin,
    stdout,
    stderr: stderr && !tty,
    multiplex: !tty,
    closeStdin: !tty,
    // A terminal of the page is left by closing it; its keys all belong to the shell.
    ...(container && { detachKeys: parseDetachKeys(detachKeys || DEFAULT_DETACH_KEYS) }),
  })
  if (end !== 'detached') return
  if (container) publishExecEvent(context, container, exec, 'exec_detach')
  else await exec.shim?.signal(SIGKILL).catch(() => undefined)
}

export async function resizeExec(exec: Exec, size: { rows: number; columns: number }): Promise<void> {
  if (!exec.running || !exec.shim)
    throw new EngineError('conflict', `exec command ${exec.id} is not running`, { exec: exec.id })
  await exec.shim.resize(size)
}

export function inspectExec(exec: Exec): ExecInspect {
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
    Pid: exec.shim?.identity.pid ?? 0,
  }
}

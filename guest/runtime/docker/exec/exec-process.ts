/** `POST /exec/{id}/start`: runs a process beside a container's first one, or of the guest itself. */
import type { DirectAttach } from '../../../protocol/api/direct-attach.ts'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { nextState } from '../../../protocol/states/container-states.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ShimAttachment } from '../../host/launcher/launcher-api.ts'
import { launchTask, type Task } from '../../task/task.ts'
import { compileExecPlan } from '../../oci/compile-exec-plan.ts'
import { compileTerminalPlan } from '../../oci/compile-terminal-plan.ts'
import type { LaunchPlan } from '../../plan/plan.ts'
import type { OciProcess, OciSpec } from '../../oci/spec.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { requestedKeys } from '../stream/requested-keys.ts'
import { stdcopyFrame } from '../../../vocabulary/stdcopy.ts'
import { publishExecEvent, REMEMBERED } from './exec-instance.ts'
import type { Exec } from '../state/exec-store.ts'
import { notRunning } from '../state/not-running.ts'
import { specOf } from '../config/container-spec.ts'
import { cgroupOf } from '../state/cgroup.ts'
import { pipeAttachment, type PipeOptions } from '../../task/pipe-attachment.ts'
import { SocketLoan } from '../../task/socket-loan.ts'
import { SIGKILL } from '../../task/signals.ts'
import { allCapabilities, specCapabilities } from '../config/spec-security.ts'
import { EXEC_SENTENCE, EXIT_CODE, launchFailure } from '../config/start-errors.ts'

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

async function planOf(
  context: EngineContext,
  exec: Exec,
  container: Container | undefined,
  held: boolean,
): Promise<LaunchPlan> {
  const { settings } = exec
  const common = {
    id: exec.id,
    shimDir: context.paths.shims,
    stdin: settings.stdin,
    ...(settings.consoleSize && { consoleSize: settings.consoleSize }),
  }
  if (!container) {
    const { command: argv, env, workingDir: cwd, tty: terminal } = settings
    const cgroupPath = context.paths.shellsCgroup
    return compileTerminalPlan({ ...common, argv, env, cwd, terminal, cgroupPath })
  }
  const spec = await specOf(context, container)
  const { task } = container
  if (!task) throw notRunning(container, 'exec')
  return compileExecPlan(spec, execProcess(context, exec, spec), {
    ...common,
    container: task.identity,
    cgroupPath: cgroupOf(context, container),
    stdinOnce: true,
    holdOutput: held,
  })
}

async function launch(
  context: EngineContext,
  exec: Exec,
  container: Container | undefined,
  plan: LaunchPlan,
): Promise<Task> {
  const run = () => launchTask(context, plan, { what: `exec ${exec.id}` })
  try {
    const task = await (container?.task ? container.task.whileAlive(run) : run())
    if (task === 'ended') throw notRunning(container!, 'exec')
    return task
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
  exec.cancelForget = context.clock.after(REMEMBERED, () => {
    context.execs.remove(exec.id)
    // The removal after the exit may have failed.
    void exec.task?.forget()
  })
  if (container) publishExecEvent(context, container, exec, 'exec_die')
}

function followExit(context: EngineContext, exec: Exec, container: Container | undefined, task: Task): void {
  task.exited
    .then(async ({ exitCode }) => {
      exec.exitCode = exitCode
      ended(context, exec, container)
      await task.cleanUp()
      await task.forget()
    })
    .catch((error: unknown) => context.report(`the exit of exec ${exec.id}`, error))
}

/**
 * Marks the exec as running.
 * @returns its container, if any
 * @throws `conflict` when it ran already or its container can't take it now
 */
function claim(context: EngineContext, exec: Exec): Container | undefined {
  const { containerId } = exec.settings
  const container = containerId === '' ? undefined : context.containers.find(containerId)
  if (container) nextState(container.calledBy(container.id), 'exec')
  if (exec.exitCode !== null) throw new EngineError('conflict', `exec command ${exec.id} has already run`)
  if (exec.running) throw new EngineError('conflict', `exec command ${exec.id} is already running`)
  exec.running = true
  exec.cancelForget?.()
  return container
}

export interface ExecStartOptions {
  detach: boolean
  /** Sends the output raw, not in frames; undefined decides by whether the exec has a terminal. */
  raw?: boolean
  /** The client attaches by the shim's socket, in place of its stream. */
  direct?: DirectAttach
  consoleSize?: { rows: number; columns: number }
}

export interface StartedExec {
  /** Serves the client until the process has ended; undefined for a detached exec. */
  run?(stream: ByteStream): Promise<void>
  /** `ExecStartOptions.direct` will be called. */
  direct?: boolean
}

/**
 * Launches the process, and holds its output for the client. When a launch fails, it is recorded as the exec's end
 * before this rejects.
 */
async function execute(
  context: EngineContext,
  exec: Exec,
  container: Container | undefined,
  join: 'none' | 'attach' | 'lend',
): Promise<ShimAttachment | SocketLoan | undefined> {
  let task: Task
  try {
    task = await launch(context, exec, container, await planOf(context, exec, container, join !== 'none'))
    exec.task = task
  } catch (error) {
    exec.exitCode ??= EXIT_CODE.permission
    ended(context, exec, container)
    throw error
  } finally {
    exec.launched.resolve()
  }
  try {
    if (join === 'lend') return task.lendSocket()
    return join === 'attach' ? await task.attach({ stdin: exec.settings.stdin }) : undefined
  } finally {
    // The exit is followed only now, because the clean-up after an early end lets the shim go, and with it the output
    // that waits for the client.
    followExit(context, exec, container, task)
  }
}

/** Writes a launch's failure as output, because Docker has hijacked the connection by then. */
async function tellFailure(raw: boolean, thrown: unknown, stream: ByteStream): Promise<void> {
  const text = new TextEncoder().encode(`${EngineError.from(thrown).message}\r\n`)
  await stream.write(raw ? text : stdcopyFrame('stdout', text))
  await stream.end()
}

/**
 * Starts the process; for a client when `run` is called, which must happen: the answer's head has been sent by then, as by
 * dockerd, and Docker's Python SDK loses what comes together with the head. A client that attaches by the shim's socket is
 * told in the head whether it can, so its process is launched before, and the output held back.
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
    await execute(context, exec, container, 'none')
    return {}
  }
  const started = () => startForClient(context, exec, container, options)
  return options.direct ? started() : { run: async (stream) => (await started()).run(stream) }
}

async function startForClient(
  context: EngineContext,
  exec: Exec,
  container: Container | undefined,
  { direct, raw = exec.settings.tty }: ExecStartOptions,
): Promise<Required<StartedExec>> {
  try {
    const attachment = (await execute(context, exec, container, direct ? 'lend' : 'attach'))!
    const served = { exec, container, attachment, raw, direct }
    return { direct: direct !== undefined, run: (stream) => serve(context, served, stream) }
  } catch (error) {
    return { direct: false, run: (stream) => tellFailure(raw, error, stream) }
  }
}

interface Served {
  exec: Exec
  container: Container | undefined
  attachment: ShimAttachment | SocketLoan
  raw: boolean
  direct: DirectAttach | undefined
}

async function serve(
  context: EngineContext,
  { exec, container, attachment, raw, direct }: Served,
  stream: ByteStream,
): Promise<void> {
  const { stdin, stdout, stderr, tty, detachKeys } = exec.settings
  const pipe: PipeOptions = {
    stdin,
    stdout,
    stderr: stderr && !tty && !raw,
    multiplex: !raw,
    closeStdin: !tty,
    // The exec's end is waited for, as clients ask for the exit code as soon as the output ends.
    ended: exec.ended.promise,
    // A terminal of the page is left by closing it, so all its keys belong to the shell.
    ...(container && { detachKeys: requestedKeys(detachKeys, 'escape') }),
  }
  const end =
    attachment instanceof SocketLoan
      ? await attachment.serve(stream, direct!, pipe)
      : await pipeAttachment(stream, attachment, pipe)
  if (end !== 'detached') return
  if (container) publishExecEvent(context, container, exec, 'exec_detach')
  else await exec.task?.signalUnlessEnded(SIGKILL)
}

/** `POST /exec/{id}/start`: a process beside a container's first one, or of the guest itself. */
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { nextState } from '../../../protocol/states/container-states.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Shim, ShimAttachment } from '../../host/launcher/launcher-api.ts'
import { compileExecPlan } from '../../oci/compile-exec-plan.ts'
import { compileTerminalPlan } from '../../oci/compile-terminal-plan.ts'
import type { LaunchPlan } from '../../plan/plan.ts'
import type { OciProcess, OciSpec } from '../../oci/spec.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { requestedKeys } from '../stream/requested-keys.ts'
import { stdcopyFrame } from '../../../vocabulary/stdcopy.ts'
import { publishExecEvent } from './exec-instance.ts'
import type { Exec } from '../state/exec-store.ts'
import { generateSpec } from '../config/generate-spec.ts'
import { cgroupOf } from '../container/pause-container.ts'
import { pipeAttachment } from '../../task/pipe-attachment.ts'
import { specInput } from '../container/prepare-start.ts'
import { SIGKILL } from '../../task/signals.ts'
import { allCapabilities, specCapabilities } from '../config/spec-security.ts'
import { EXEC_SENTENCE, EXIT_CODE, launchFailure } from '../container/start-errors.ts'

/** How long an ended exec can still be inspected. Milliseconds. */
const REMEMBERED = 5 * 60_000

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
  if (container) nextState(container.calledBy(container.id), 'exec')
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
  await stream.write(exec.settings.tty ? text : stdcopyFrame('stdout', text))
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
    // Clients ask for the exit code as soon as the output ends.
    ended: exec.ended.promise,
    // A terminal of the page is left by closing it; its keys all belong to the shell.
    ...(container && { detachKeys: requestedKeys(detachKeys, 'escape') }),
  })
  if (end !== 'detached') return
  if (container) publishExecEvent(context, container, exec, 'exec_detach')
  else await exec.shim?.signal(SIGKILL).catch(() => undefined)
}

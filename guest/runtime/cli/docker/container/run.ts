/** `docker run`: create → attach → wait → start, in the order of Docker's client. */
import { detachKeysOf } from '../../shared/client-config.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { createContainer, parseOrFail, reported, withHelp } from '../run/create-container.ts'
import type { CreateCommand } from '../run/create-request.ts'
import { bridge, type BridgeEnd } from '../../shared/stream/bridge.ts'
import { checkTerminal } from '../../shared/stream/check-terminal.ts'
import { waitForExit } from '../../shared/stream/exit-status.ts'
import { proxySignals } from '../../shared/stream/signal-proxy.ts'
import { followTerminalSize } from '../../shared/stream/terminal-size.ts'
import { attachStream } from './attach-stream.ts'
import type { RunFlags } from '../table/create-flags.ts'

export async function run(context: CliContext<RunFlags>): Promise<number> {
  const { flags, session, api } = context
  const command = await parseOrFail(context, 'run')
  const { config } = command
  if (flags.bool('detach')) {
    if (flags.list('attach').length > 0) {
      throw new CliError('Conflicting options: -a and -d')
    }
    Object.assign(config, { AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false })
  } else checkTerminal(session, config.AttachStdin === true, config.Tty === true)
  const id = await createContainer(context, command).catch(createFailure)
  const stopProxy = flags.bool('sig-proxy') ? proxySignals(session, api, id) : undefined
  try {
    if (config.AttachStdin || config.AttachStdout || config.AttachStderr)
      return await runAttached(context, command, id)
    await api.run('POST', `/containers/${id}/start`).catch(startFailure)
    await session.stdout.write(`${id}\n`)
    return 0
  } finally {
    stopProxy?.()
  }
}

async function runAttached(
  context: CliContext<RunFlags>,
  { config, hostConfig }: CreateCommand,
  id: string,
): Promise<number> {
  const { api, session } = context
  const streams = {
    stdin: config.AttachStdin === true,
    stdout: config.AttachStdout === true,
    stderr: config.AttachStderr === true,
  }
  const detachKeys = await detachKeysOf(context, context.flags.string('detach-keys'))
  const tty = config.Tty === true
  const { stream, direct } = await attachStream(session, api, id, streams, detachKeys)
  const wait = await waitForExit(session, api, id, hostConfig.AutoRemove === true)
  const output = bridge(session, { stream, direct, tty, detachKeys, ...streams })
  // The failure is handled below; until then it must not count as unhandled.
  output.catch(() => undefined)
  try {
    await api.run('POST', `/containers/${id}/start`)
  } catch (error) {
    stream.reset('the container did not start')
    if (hostConfig.AutoRemove === true) await wait.exitCode
    return startFailure(error)
  }
  const stopSize =
    tty && session.stdout.isTerminal ? followTerminalSize(session, api, `/containers/${id}`) : undefined
  try {
    // Output that is shown must be shown to its end; a container whose output nobody asked for just ends.
    if (streams.stdout || streams.stderr) return await exitCodeOf(output, wait.exitCode)
    const exitCode = await Promise.race([exitCodeOf(output, wait.exitCode), wait.exitCode])
    // The input may still be read, for a container that no longer takes it.
    stream.reset('the container has ended')
    return exitCode
  } finally {
    stopSize?.()
  }
}

/** Waits until all output has been shown, then for the exit code. */
async function exitCodeOf(output: Promise<BridgeEnd>, exitCode: Promise<number>): Promise<number> {
  return (await output) === 'detached' ? 0 : exitCode
}

const createFailure = (error: unknown): never => fail(error, (message) => withHelp(message, 'run'))

const startFailure = (error: unknown): never => fail(error, reported)

/** Docker's codes for a container that didn't start: 127 not found, 126 not executable, 125 anything else. */
function fail(error: unknown, worded: (message: string) => string): never {
  if (!(error instanceof Error)) throw error
  const { message } = error
  const code = /executable file not found|no such file or directory/.test(message)
    ? 127
    : /permission denied|is a directory/.test(message)
      ? 126
      : 125
  throw new CliError(worded(message), code)
}

/** `docker attach`. */
import type { ContainerInspect } from '../../../../protocol/api/engine-api.ts'
import { detachKeysOf } from '../../shared/client-config.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath } from '../../shared/for-each.ts'
import { bridge } from '../../shared/stream/bridge.ts'
import { checkTerminal } from '../../shared/stream/check-terminal.ts'
import { proxySignals } from '../../shared/stream/signal-proxy.ts'
import { followTerminalSize } from '../../shared/stream/terminal-size.ts'
import { attachStream } from './attach-stream.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

function checkState({ State }: ContainerInspect): void {
  if (!State.Running) throw new CliError('You cannot attach to a stopped container, start it first')
  if (State.Paused) throw new CliError('You cannot attach to a paused container, unpause it first')
  if (State.Restarting)
    throw new CliError('You cannot attach to a restarting container, wait until it is running')
}

export async function attach(context: CliContext<ContainerFlags['attach']>): Promise<number> {
  const { args, api, flags, session } = context
  const path = containerPath(args[0]!)
  // The wait is requested first, so that no exit is missed; the inspection below reports an unknown container.
  const wait = api.begin('POST', `${path}/wait`)
  wait.catch(() => undefined)
  const container = await api.json('GET', `${path}/json`)
  checkState(container)
  const { Id: id, Config } = container
  checkTerminal(session, !flags.bool('no-stdin'), Config.Tty)
  const streams = { stdin: !flags.bool('no-stdin') && Config.OpenStdin, stdout: true, stderr: true }
  const detachKeys = await detachKeysOf(context, flags.string('detach-keys'))
  const stopProxy = flags.bool('sig-proxy') && !Config.Tty ? proxySignals(session, api, id) : undefined
  const { stream, direct } = await attachStream(session, api, id, streams, detachKeys)
  const stopSize = Config.Tty && session.stdout.isTerminal ? await repaint(session, api, id) : undefined
  try {
    if ((await bridge(session, { stream, direct, tty: Config.Tty, detachKeys, ...streams })) === 'detached') {
      throw new CliError('read escape sequence')
    }
  } finally {
    stopSize?.()
    stopProxy?.()
  }
  const { Error: failure, StatusCode } = await (await wait).answer()
  if (failure) throw new CliError(failure.Message)
  return StatusCode
}

/** Sets a size one larger and then the right one, so that the program in the terminal draws its prompt again. */
async function repaint(
  session: CliContext['session'],
  api: CliContext['api'],
  id: string,
): Promise<() => void> {
  const { columns, rows } = session.size()
  await api.run('POST', `/containers/${id}/resize`, { query: { h: rows + 1, w: columns + 1 } })
  return followTerminalSize(session, api, `/containers/${id}`)
}

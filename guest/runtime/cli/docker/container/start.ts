/** `docker start`: several in the background, or one attached with `-a`, `-i`. */
import { detachKeysOf } from '../../shared/client-config.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath, messageOf } from '../../shared/for-each.ts'
import { bridge } from '../../shared/stream/bridge.ts'
import { waitForExit } from '../../shared/stream/exit-status.ts'
import { proxySignals } from '../../shared/stream/signal-proxy.ts'
import { followTerminalSize } from '../../shared/stream/terminal-size.ts'
import { attachStream } from './attach-stream.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

export function start(context: CliContext<ContainerFlags['start']>): Promise<number> {
  const { flags, args } = context
  if (!flags.bool('attach') && !flags.bool('interactive')) return startAll(context)
  if (args.length > 1) throw new CliError('you cannot start and attach multiple containers at once')
  return startAttached(context, args[0]!)
}

async function startAll({ args, api, session }: CliContext): Promise<number> {
  const failed: string[] = []
  for (const name of args) {
    try {
      await api.run('POST', `${containerPath(name)}/start`)
      await session.stdout.write(`${name}\n`)
    } catch (error) {
      await session.stderr.write(`${messageOf(error)}\n`)
      failed.push(name)
    }
  }
  if (failed.length > 0) throw new CliError(`Error: failed to start containers: ${failed.join(', ')}`)
  return 0
}

async function startAttached(context: CliContext<ContainerFlags['start']>, name: string): Promise<number> {
  const { flags, api, session } = context
  const { Id: id, Config, HostConfig } = await api.json('GET', `${containerPath(name)}/json`)
  const streams = { stdin: flags.bool('interactive') && Config.OpenStdin, stdout: true, stderr: true }
  const detachKeys = await detachKeysOf(context, flags.string('detach-keys'))
  const stopProxy = Config.Tty ? undefined : proxySignals(session, api, id)
  const { stream, direct } = await attachStream(session, api, id, streams, detachKeys)
  const wait = await waitForExit(session, api, id, HostConfig.AutoRemove)
  const output = bridge(session, { stream, direct, tty: Config.Tty, detachKeys, ...streams })
  // The failure is handled below; until then it must not count as unhandled.
  output.catch(() => undefined)
  let stopSize: (() => void) | undefined
  try {
    await api.run('POST', `/containers/${id}/start`)
    if (Config.Tty && session.stdout.isTerminal)
      stopSize = followTerminalSize(session, api, `/containers/${id}`)
    return (await output) === 'detached' ? 0 : await wait.exitCode
  } catch (error) {
    stream.reset('the container did not start')
    throw error
  } finally {
    stopSize?.()
    stopProxy?.()
  }
}

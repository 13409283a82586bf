/** `docker exec`. */
import type { ExecCreateRequest } from '../../../../protocol/api/engine-api.ts'
import { detachKeysOf } from '../../shared/client-config.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath, messageOf } from '../../shared/for-each.ts'
import { readEnvironment } from '../run/key-values.ts'
import { bridge } from '../../shared/stream/bridge.ts'
import { upgradeDirectly } from '../../shared/stream/direct.ts'
import { checkTerminal } from '../../shared/stream/check-terminal.ts'
import { consoleSize, followTerminalSize } from '../../shared/stream/terminal-size.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

async function requestOf(context: CliContext<ContainerFlags['exec']>): Promise<ExecCreateRequest> {
  const { flags, args, session } = context
  const attached = !flags.bool('detach')
  const tty = flags.bool('tty')
  let env: string[]
  try {
    env = await readEnvironment(context)
  } catch (error) {
    throw new CliError(messageOf(error))
  }
  return {
    User: flags.string('user'),
    Privileged: flags.bool('privileged'),
    Tty: tty,
    ...(tty && { ConsoleSize: consoleSize(session) }),
    AttachStdin: attached && flags.bool('interactive'),
    AttachStdout: attached,
    AttachStderr: attached,
    DetachKeys: await detachKeysOf(context, flags.string('detach-keys')),
    Env: env.length === 0 ? null : env,
    WorkingDir: flags.string('workdir'),
    Cmd: args.slice(1),
  }
}

export async function exec(context: CliContext<ContainerFlags['exec']>): Promise<number> {
  const { flags, args, api, session } = context
  const request = await requestOf(context)
  const path = containerPath(args[0]!)
  // Docker reports an unknown container before a missing terminal.
  await api.run('GET', `${path}/json`)
  if (!flags.bool('detach')) checkTerminal(session, request.AttachStdin === true, request.Tty === true)
  const { Id: id } = await api.json('POST', `${path}/exec`, { json: request })
  const start = { Tty: request.Tty, ...(request.Tty && { ConsoleSize: request.ConsoleSize }) }
  if (flags.bool('detach')) {
    await api.run('POST', `/exec/${id}/start`, { json: { Detach: true, ...start } })
    return 0
  }
  return execAttached(context, id, request, start)
}

async function execAttached(
  { api, session }: CliContext,
  id: string,
  request: ExecCreateRequest,
  start: object,
): Promise<number> {
  const tty = request.Tty === true
  const json = { Detach: false, ...start }
  const { stream, direct } = await upgradeDirectly(session, (direct) =>
    api.upgrade(`/exec/${id}/start`, { json, ...(direct && { direct }) }),
  )
  const stopSize =
    tty && session.stdin.isTerminal ? followTerminalSize(session, api, `/exec/${id}`) : undefined
  try {
    const end = await bridge(session, {
      stream,
      direct,
      tty,
      stdin: request.AttachStdin === true,
      stdout: true,
      stderr: true,
      detachKeys: request.DetachKeys ?? '',
    })
    if (end === 'detached') throw new CliError('read escape sequence')
  } finally {
    stopSize?.()
  }
  const { ExitCode } = await api.json('GET', `/exec/${id}/json`)
  return ExitCode ?? 0
}

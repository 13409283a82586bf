/** `docker compose exec`: `docker exec` in a container of the service. */
import { runDockerCommand, projectName, type ComposeContext } from '../context.ts'
import { oneContainer } from '../engine/containers.ts'
import type { ComposeFlags } from '../flags.ts'

const each = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [flag, value])
const given = (flag: string, value: string): string[] => (value === '' ? [] : [flag, value])

/** The container gets a terminal when the caller's output is one, unless a flag says otherwise. */
export function wantsTerminal({
  flags,
  session,
}: ComposeContext<{ 'no-TTY': 'bool'; tty: 'bool' }>): boolean {
  if (flags.changed('no-TTY')) return !flags.bool('no-TTY')
  if (flags.changed('tty')) return flags.bool('tty')
  return session.stdout.isTerminal
}

export async function exec(context: ComposeContext<ComposeFlags['exec']>): Promise<number> {
  const { api, args, flags } = context
  const [service, ...command] = args
  const project = await projectName(context)
  const query = { oneOff: 'include', all: false, index: flags.number('index') } as const
  const { Id } = await oneContainer(api, project, service!, query)
  const detached = flags.bool('detach')
  return runDockerCommand(context, 'exec', [
    ...(flags.bool('interactive') && !detached ? ['--interactive'] : []),
    ...(wantsTerminal(context) ? ['--tty'] : []),
    ...(detached ? ['--detach'] : []),
    ...(flags.bool('privileged') ? ['--privileged'] : []),
    ...given('--user', flags.string('user')),
    ...given('--workdir', flags.string('workdir')),
    ...each('--env', flags.list('env')),
    Id,
    ...command,
  ])
}

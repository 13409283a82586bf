/** The commands of `docker compose`. Words are those of docker/compose 2.26. */
import type { CommandWords, ParsedCommand } from '../shared/command.ts'
import type { FlagTable, TypesOf } from '../shared/flag-spec.ts'
import { parseFlags } from '../shared/parse-flags.ts'
import type { ComposeEnvironment, ComposeHandler } from './context.ts'
import { COMPOSE_FLAGS } from './flags.ts'

/** cobra's rule for positional arguments. */
interface Arguments {
  min?: number
  max?: number
}

export interface ComposeCommand extends CommandWords {
  arguments?: Arguments
  /** @throws FlagError, HelpRequested */
  parse: (argv: readonly string[]) => ParsedCommand<ComposeEnvironment>
}

const SERVICES = '[OPTIONS] [SERVICE...]'

/** A command whose handler reads none but its own flags. */
function command<const Table extends FlagTable>(
  name: string,
  operands: string,
  summary: string,
  flags: Table,
  load: () => Promise<ComposeHandler<TypesOf<Table>>>,
  extra: Partial<CommandWords> & { arguments?: Arguments } = {},
): ComposeCommand {
  return {
    ...{ group: 'compose', name, operands, summary, flags },
    ...extra,
    parse: (argv) => {
      const parsed = parseFlags(flags, argv, extra.interspersed !== false)
      return {
        args: parsed.args,
        given: parsed.flags.given,
        run: async (environment) => (await load())({ ...environment, ...parsed }),
      }
    },
  }
}

/** Loads one of the handlers of a module. */
const lifecycle =
  <Name extends 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'unpause' | 'remove'>(name: Name) =>
  async () =>
    (await import('./commands/lifecycle.ts'))[name]
const observe =
  <Name extends 'top' | 'port' | 'events' | 'stats' | 'wait' | 'attach'>(name: Name) =>
  async () =>
    (await import('./commands/observe.ts'))[name]

const BEFORE_THE_COMMAND = { interspersed: false } as const

export const COMPOSE_COMMANDS: readonly ComposeCommand[] = [
  command(
    'attach',
    '[OPTIONS] SERVICE',
    "Attach local standard input, output, and error streams to a service's running container",
    COMPOSE_FLAGS.attach,
    observe('attach'),
    { arguments: { min: 1 } },
  ),
  command(
    'build',
    SERVICES,
    'Build or rebuild services',
    COMPOSE_FLAGS.build,
    async () => (await import('./commands/build.ts')).build,
  ),
  command(
    'config',
    SERVICES,
    'Parse, resolve and render compose file in canonical format',
    COMPOSE_FLAGS.config,
    async () => (await import('./commands/config.ts')).config,
    { aliases: ['convert'] },
  ),
  command(
    'cp',
    '[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH',
    'Copy files/folders between a service container and the local filesystem',
    COMPOSE_FLAGS.cp,
    async () => (await import('./commands/cp.ts')).cp,
    { arguments: { min: 2, max: 2 } },
  ),
  command(
    'create',
    SERVICES,
    'Creates containers for a service',
    COMPOSE_FLAGS.create,
    async () => (await import('./commands/create.ts')).create,
  ),
  command(
    'down',
    '[OPTIONS] [SERVICES]',
    'Stop and remove containers, networks',
    COMPOSE_FLAGS.down,
    async () => (await import('./commands/down.ts')).down,
  ),
  command(
    'events',
    SERVICES,
    'Receive real time events from containers',
    COMPOSE_FLAGS.events,
    observe('events'),
  ),
  command(
    'exec',
    '[OPTIONS] SERVICE COMMAND [ARGS...]',
    'Execute a command in a running container',
    COMPOSE_FLAGS.exec,
    async () => (await import('./commands/exec.ts')).exec,
    { ...BEFORE_THE_COMMAND, arguments: { min: 2 } },
  ),
  command(
    'images',
    SERVICES,
    'List images used by the created containers',
    COMPOSE_FLAGS.images,
    async () => (await import('./commands/images.ts')).images,
  ),
  command('kill', SERVICES, 'Force stop service containers', COMPOSE_FLAGS.kill, lifecycle('kill')),
  command(
    'logs',
    SERVICES,
    'View output from containers',
    COMPOSE_FLAGS.logs,
    async () => (await import('./commands/logs.ts')).logs,
  ),
  command(
    'ls',
    '[OPTIONS]',
    'List running compose projects',
    COMPOSE_FLAGS.ls,
    async () => (await import('./commands/list.ts')).list,
    { arguments: { max: 0 } },
  ),
  command('pause', '[SERVICE...]', 'Pause services', [], lifecycle('pause')),
  command(
    'port',
    '[OPTIONS] SERVICE PRIVATE_PORT',
    'Print the public port for a port binding',
    COMPOSE_FLAGS.port,
    observe('port'),
    { arguments: { min: 2 } },
  ),
  command(
    'ps',
    SERVICES,
    'List containers',
    COMPOSE_FLAGS.ps,
    async () => (await import('./commands/ps.ts')).ps,
  ),
  command(
    'pull',
    SERVICES,
    'Pull service images',
    COMPOSE_FLAGS.pull,
    async () => (await import('./commands/pull.ts')).pull,
  ),
  command(
    'push',
    SERVICES,
    'Push service images',
    COMPOSE_FLAGS.push,
    async () => (await import('./commands/push.ts')).push,
  ),
  command('restart', SERVICES, 'Restart service containers', COMPOSE_FLAGS.restart, lifecycle('restart')),
  command('rm', SERVICES, 'Removes stopped service containers', COMPOSE_FLAGS.rm, lifecycle('remove'), {
    long: `Removes stopped service containers

By default, anonymous volumes attached to containers will not be removed. You
can override this with -v. To list all volumes, use "docker volume ls".

Any data which is not in a volume will be lost.`,
  }),
  command(
    'run',
    '[OPTIONS] SERVICE [COMMAND] [ARGS...]',
    'Run a one-off command on a service',
    COMPOSE_FLAGS.run,
    async () => (await import('./commands/run.ts')).run,
    { ...BEFORE_THE_COMMAND, arguments: { min: 1 } },
  ),
  command(
    'scale',
    '[SERVICE=REPLICAS...]',
    'Scale services ',
    COMPOSE_FLAGS.scale,
    async () => (await import('./commands/scale.ts')).scale,
    { arguments: { min: 1 } },
  ),
  command('start', '[SERVICE...]', 'Start services', [], lifecycle('start')),
  command(
    'stats',
    '[OPTIONS] [SERVICE]',
    'Display a live stream of container(s) resource usage statistics',
    COMPOSE_FLAGS.stats,
    observe('stats'),
    { arguments: { max: 1 } },
  ),
  command('stop', SERVICES, 'Stop services', COMPOSE_FLAGS.stop, lifecycle('stop')),
  command('top', '[SERVICES...]', 'Display the running processes', [], observe('top')),
  command('unpause', '[SERVICE...]', 'Unpause services', [], lifecycle('unpause')),
  command(
    'up',
    SERVICES,
    'Create and start containers',
    COMPOSE_FLAGS.up,
    async () => (await import('./commands/up.ts')).up,
  ),
  command(
    'version',
    '[OPTIONS]',
    'Show the Docker Compose version information',
    COMPOSE_FLAGS.version,
    async () => (await import('./commands/version.ts')).version,
    { arguments: { max: 0 } },
  ),
  command(
    'wait',
    'SERVICE [SERVICE...] [OPTIONS]',
    'Block until the first service container stops',
    COMPOSE_FLAGS.wait,
    observe('wait'),
    { arguments: { min: 1 } },
  ),
]

export const findComposeCommand = (name: string): ComposeCommand | undefined =>
  COMPOSE_COMMANDS.find(({ name: own, aliases = [] }) => own === name || aliases.includes(name))

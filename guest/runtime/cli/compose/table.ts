/** The commands of `docker compose`. Words are those of docker/compose 2.26. */
import type { FlagSpec } from '../shared/flag-spec.ts'
import type { CommandSpec } from '../shared/command.ts'
import { FORMAT_USAGE } from '../docker/table/usage-texts.ts'
import type { ComposeHandler } from './context.ts'

export interface ComposeCommand extends Omit<CommandSpec, 'load' | 'positional'> {
  /** cobra's rule for positional arguments. */
  arguments?: { min?: number; max?: number }
  load: () => Promise<ComposeHandler>
}

type Extra = Omit<FlagSpec, 'name' | 'type' | 'usage'>

/** `t,timeout` → short and long. */
function flag(type: FlagSpec['type'], name: string, usage: string, extra: Extra = {}): FlagSpec {
  const [short, long] = name.includes(',') ? (name.split(',') as [string, string]) : [undefined, name]
  return { name: long, ...(short !== undefined && { short }), type, usage, ...extra }
}
const bool = (name: string, usage: string, extra?: Extra): FlagSpec => flag('bool', name, usage, extra)
const text = (name: string, usage: string, extra?: Extra): FlagSpec => flag('string', name, usage, extra)
const list = (name: string, usage: string, extra?: Extra): FlagSpec => flag('stringArray', name, usage, extra)
const int = (name: string, usage: string, extra?: Extra): FlagSpec => flag('int', name, usage, extra)

const HIDDEN = { hidden: true } as const
const TIMEOUT = int('t,timeout', 'Specify a shutdown timeout in seconds')
const INDEX = int('index', 'Index of the container if service has multiple replicas')
const REMOVE_ORPHANS = bool(
  'remove-orphans',
  'Remove containers for services not defined in the Compose file',
)
const QUIET_PULL = bool('quiet-pull', 'Pull without printing progress information')
const SCALE = list(
  'scale',
  'Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.',
  { valueName: 'scale' },
)
const FORCE_RECREATE = bool(
  'force-recreate',
  "Recreate containers even if their configuration and image haven't changed",
)
const NO_RECREATE = bool(
  'no-recreate',
  "If containers already exist, don't recreate them. Incompatible with --force-recreate.",
)
const BUILD = bool('build', 'Build images before starting containers')
const NO_BUILD = bool('no-build', "Don't build an image, even if it's policy")
const NO_COLOR = bool('no-color', 'Produce monochrome output')
const NO_PREFIX = bool('no-log-prefix', "Don't print prefix in logs")
const NO_DEPS = bool('no-deps', "Don't start linked services")
const TABLE_OR_JSON = text('format', 'Format the output. Values: [table | json]', { default: 'table' })
const SERVICES = '[OPTIONS] [SERVICE...]'

const command = (
  name: string,
  operands: string,
  summary: string,
  flags: FlagSpec[],
  load: () => Promise<ComposeHandler>,
  extra: Partial<ComposeCommand> = {},
): ComposeCommand => ({ group: 'compose', name, operands, summary, flags, load, ...extra })

/** Loads one of the handlers of a module. */
const lifecycle =
  (name: 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'unpause' | 'remove') => async () =>
    (await import('./commands/lifecycle.ts'))[name]
const observe = (name: 'top' | 'port' | 'events' | 'stats' | 'wait' | 'attach') => async () =>
  (await import('./commands/observe.ts'))[name]

const BEFORE_THE_COMMAND = { interspersed: false } as const

export const COMPOSE_COMMANDS: readonly ComposeCommand[] = [
  command(
    'attach',
    '[OPTIONS] SERVICE',
    "Attach local standard input, output, and error streams to a service's running container",
    [
      text('detach-keys', 'Override the key sequence for detaching from a container.'),
      int('index', 'index of the container if service has multiple replicas.'),
      bool('no-stdin', 'Do not attach STDIN'),
      bool('sig-proxy', 'Proxy all received signals to the process', { default: 'true' }),
    ],
    observe('attach'),
    { arguments: { min: 1 } },
  ),
  command(
    'build',
    SERVICES,
    'Build or rebuild services',
    [
      list('build-arg', 'Set build-time variables for services'),
      text('builder', 'Set builder to use'),
      flag('bytes', 'm,memory', 'Set memory limit for the build container. Not supported by BuildKit.'),
      bool('no-cache', 'Do not use cache when building the image'),
      bool('pull', 'Always attempt to pull a newer version of the image'),
      bool('push', 'Push service images'),
      bool('q,quiet', "Don't print anything to STDOUT"),
      text(
        'ssh',
        "Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)",
      ),
      bool('with-dependencies', 'Also build dependencies (transitively)'),
      ...['compress', 'force-rm', 'no-rm', 'parallel'].map((name) => bool(name, 'DEPRECATED', HIDDEN)),
    ],
    async () => (await import('./commands/build.ts')).build,
  ),
  command(
    'config',
    SERVICES,
    'Parse, resolve and render compose file in canonical format',
    [
      text('format', 'Format the output. Values: [yaml | json]', { default: 'yaml' }),
      text('hash', 'Print the service config hash, one per line.'),
      bool('images', 'Print the image names, one per line.'),
      bool('no-consistency', "Don't check model consistency - warning: may produce invalid Compose output"),
      bool('no-interpolate', "Don't interpolate environment variables"),
      bool('no-normalize', "Don't normalize compose model"),
      bool('no-path-resolution', "Don't resolve file paths"),
      text('o,output', 'Save to file (default to stdout)'),
      bool('profiles', 'Print the profile names, one per line.'),
      bool('q,quiet', "Only validate the configuration, don't print anything"),
      bool('services', 'Print the service names, one per line.'),
      bool('volumes', 'Print the volume names, one per line.'),
    ],
    async () => (await import('./commands/config.ts')).config,
    { aliases: ['convert'] },
  ),
  command(
    'cp',
    '[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH',
    'Copy files/folders between a service container and the local filesystem',
    [
      bool('a,archive', 'Archive mode (copy all uid/gid information)'),
      bool('L,follow-link', 'Always follow symbol link in SRC_PATH'),
      INDEX,
    ],
    async () => (await import('./commands/cp.ts')).cp,
    { arguments: { min: 2, max: 2 } },
  ),
  command(
    'create',
    SERVICES,
    'Creates containers for a service',
    [
      ...[BUILD, NO_BUILD, FORCE_RECREATE, NO_RECREATE, QUIET_PULL, REMOVE_ORPHANS, SCALE],
      text('pull', 'Pull image before running ("always"|"missing"|"never"|"build")', { default: 'policy' }),
    ],
    async () => (await import('./commands/create.ts')).create,
  ),
  command(
    'down',
    '[OPTIONS] [SERVICES]',
    'Stop and remove containers, networks',
    [
      REMOVE_ORPHANS,
      text(
        'rmi',
        'Remove images used by services. "local" remove only images that don\'t have a custom tag ("local"|"all")',
      ),
      TIMEOUT,
      bool(
        'v,volumes',
        'Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers',
      ),
    ],
    async () => (await import('./commands/down.ts')).down,
  ),
  command(
    'events',
    SERVICES,
    'Receive real time events from containers',
    [bool('json', 'Output events as a stream of json objects')],
    observe('events'),
  ),
  command(
    'exec',
    '[OPTIONS] SERVICE COMMAND [ARGS...]',
    'Execute a command in a running container',
    [
      bool('d,detach', 'Detached mode: Run command in the background'),
      list('e,env', 'Set environment variables'),
      INDEX,
      bool('i,interactive', 'Keep STDIN open even if not attached', { default: 'true', ...HIDDEN }),
      bool('T,no-TTY', 'Disable pseudo-TTY allocation. By default docker compose exec allocates a TTY.', {
        valueName: 'docker compose exec',
        default: 'true',
      }),
      bool('privileged', 'Give extended privileges to the process'),
      bool('t,tty', 'Allocate a pseudo-TTY', HIDDEN),
      text('u,user', 'Run the command as this user'),
      text('w,workdir', 'Path to workdir directory for this command'),
    ],
    async () => (await import('./commands/exec.ts')).exec,
    { ...BEFORE_THE_COMMAND, arguments: { min: 2 } },
  ),
  command(
    'images',
    SERVICES,
    'List images used by the created containers',
    [TABLE_OR_JSON, bool('q,quiet', 'Only display IDs')],
    async () => (await import('./commands/images.ts')).images,
  ),
  command(
    'kill',
    SERVICES,
    'Force stop service containers',
    [REMOVE_ORPHANS, text('s,signal', 'SIGNAL to send to the container', { default: 'SIGKILL' })],
    lifecycle('kill'),
  ),
  command(
    'logs',
    SERVICES,
    'View output from containers',
    [
      bool('f,follow', 'Follow log output'),
      int('index', 'index of the container if service has multiple replicas'),
      NO_COLOR,
      NO_PREFIX,
      text(
        'since',
        'Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
      ),
      text('n,tail', 'Number of lines to show from the end of the logs for each container', {
        default: 'all',
      }),
      bool('t,timestamps', 'Show timestamps'),
      text(
        'until',
        'Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
      ),
    ],
    async () => (await import('./commands/logs.ts')).logs,
  ),
  command(
    'ls',
    '[OPTIONS]',
    'List running compose projects',
    [
      bool('a,all', 'Show all stopped Compose projects'),
      flag('filter', 'filter', 'Filter output based on conditions provided'),
      TABLE_OR_JSON,
      bool('q,quiet', 'Only display IDs'),
    ],
    async () => (await import('./commands/list.ts')).list,
    { arguments: { max: 0 } },
  ),
  command('pause', '[SERVICE...]', 'Pause services', [], lifecycle('pause')),
  command(
    'port',
    '[OPTIONS] SERVICE PRIVATE_PORT',
    'Print the public port for a port binding',
    [INDEX, text('protocol', 'tcp or udp', { default: 'tcp' })],
    observe('port'),
    { arguments: { min: 2 } },
  ),
  command(
    'ps',
    SERVICES,
    'List containers',
    [
      bool('a,all', 'Show all stopped containers (including those created by the run command)'),
      text('filter', 'Filter services by a property (supported filters: status)'),
      text('format', FORMAT_USAGE, { default: 'table' }),
      bool('no-trunc', "Don't truncate output"),
      bool('orphans', 'Include orphaned services (not declared by project)', { default: 'true' }),
      bool('q,quiet', 'Only display IDs'),
      bool('services', 'Display services'),
      list(
        'status',
        'Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]',
      ),
    ],
    async () => (await import('./commands/ps.ts')).ps,
  ),
  command(
    'pull',
    SERVICES,
    'Pull service images',
    [
      bool('ignore-buildable', 'Ignore images that can be built'),
      bool('ignore-pull-failures', 'Pull what it can and ignores images with pull failures'),
      bool('include-deps', 'Also pull services declared as dependencies'),
      text('policy', 'Apply pull policy ("missing"|"always")'),
      bool('q,quiet', 'Pull without printing progress information'),
      ...['parallel', 'no-parallel'].map((name) => bool(name, 'DEPRECATED', HIDDEN)),
    ],
    async () => (await import('./commands/pull.ts')).pull,
  ),
  command(
    'push',
    SERVICES,
    'Push service images',
    [
      bool('ignore-push-failures', 'Push what it can and ignores images with push failures'),
      bool('include-deps', 'Also push images of services declared as dependencies'),
      bool('q,quiet', 'Push without printing progress information'),
    ],
    async () => (await import('./commands/push.ts')).push,
  ),
  command(
    'restart',
    SERVICES,
    'Restart service containers',
    [bool('no-deps', "Don't restart dependent services"), TIMEOUT],
    lifecycle('restart'),
  ),
  command(
    'rm',
    SERVICES,
    'Removes stopped service containers',
    [
      bool('a,all', 'Deprecated - no effect', HIDDEN),
      bool('f,force', "Don't ask to confirm removal"),
      bool('s,stop', 'Stop the containers, if required, before removing'),
      bool('v,volumes', 'Remove any anonymous volumes attached to containers'),
    ],
    lifecycle('remove'),
    {
      long: `Removes stopped service containers

By default, anonymous volumes attached to containers will not be removed. You
can override this with -v. To list all volumes, use "docker volume ls".

Any data which is not in a volume will be lost.`,
    },
  ),
  command(
    'run',
    '[OPTIONS] SERVICE [COMMAND] [ARGS...]',
    'Run a one-off command on a service',
    [
      bool('build', 'Build image before starting container'),
      flag('list', 'cap-add', 'Add Linux capabilities'),
      flag('list', 'cap-drop', 'Drop Linux capabilities'),
      bool('d,detach', 'Run container in background and print container ID'),
      text('entrypoint', 'Override the entrypoint of the image'),
      list('e,env', 'Set environment variables'),
      bool('i,interactive', 'Keep STDIN open even if not attached', { default: 'true' }),
      list('l,label', 'Add or override a label'),
      text('name', 'Assign a name to the container'),
      bool('T,no-TTY', 'Disable pseudo-TTY allocation (default: auto-detected)', { default: 'true' }),
      NO_DEPS,
      list('p,publish', "Publish a container's port(s) to the host"),
      QUIET_PULL,
      REMOVE_ORPHANS,
      bool('rm', 'Automatically remove the container when it exits'),
      bool('P,service-ports', "Run command with all service's ports enabled and mapped to the host"),
      bool('t,tty', 'Allocate a pseudo-TTY', HIDDEN),
      bool('use-aliases', "Use the service's network useAliases in the network(s) the container connects to"),
      text('u,user', 'Run as specified username or uid'),
      list('v,volume', 'Bind mount a volume'),
      text('w,workdir', 'Working directory inside the container'),
      list('labels', 'DEPRECATED', { storesAs: 'label', ...HIDDEN }),
      list('volumes', 'DEPRECATED', { storesAs: 'volume', ...HIDDEN }),
    ],
    async () => (await import('./commands/run.ts')).run,
    { ...BEFORE_THE_COMMAND, arguments: { min: 1 } },
  ),
  command(
    'scale',
    '[SERVICE=REPLICAS...]',
    'Scale services ',
    [NO_DEPS],
    async () => (await import('./commands/scale.ts')).scale,
    { arguments: { min: 1 } },
  ),
  command('start', '[SERVICE...]', 'Start services', [], lifecycle('start')),
  command(
    'stats',
    '[OPTIONS] [SERVICE]',
    'Display a live stream of container(s) resource usage statistics',
    [
      bool('a,all', 'Show all containers (default shows just running)'),
      text('format', FORMAT_USAGE),
      bool('no-stream', 'Disable streaming stats and only pull the first result'),
      bool('no-trunc', 'Do not truncate output'),
    ],
    observe('stats'),
    { arguments: { max: 1 } },
  ),
  command('stop', SERVICES, 'Stop services', [TIMEOUT], lifecycle('stop')),
  command('top', '[SERVICES...]', 'Display the running processes', [], observe('top')),
  command('unpause', '[SERVICE...]', 'Unpause services', [], lifecycle('unpause')),
  command(
    'up',
    SERVICES,
    'Create and start containers',
    [
      bool(
        'abort-on-container-exit',
        'Stops all containers if any container was stopped. Incompatible with -d',
      ),
      bool('always-recreate-deps', 'Recreate dependent containers. Incompatible with --no-recreate.'),
      list(
        'attach',
        'Restrict attaching to the specified services. Incompatible with --attach-dependencies.',
      ),
      bool('attach-dependencies', 'Automatically attach to log output of dependent services'),
      bool('d,detach', 'Detached mode: Run containers in the background'),
      text(
        'exit-code-from',
        'Return the exit code of the selected service container. Implies --abort-on-container-exit',
      ),
      list('no-attach', 'Do not attach (stream logs) to the specified services'),
      ...[BUILD, NO_BUILD, FORCE_RECREATE, NO_RECREATE, NO_COLOR, NO_DEPS, NO_PREFIX],
      ...[QUIET_PULL, REMOVE_ORPHANS, SCALE],
      bool('no-start', "Don't start the services after creating them"),
      text('pull', 'Pull image before running ("always"|"missing"|"never")', { default: 'policy' }),
      bool(
        'V,renew-anon-volumes',
        'Recreate anonymous volumes instead of retrieving data from the previous containers',
      ),
      int(
        't,timeout',
        'Use this timeout in seconds for container shutdown when attached or when containers are already running',
      ),
      bool('timestamps', 'Show timestamps'),
      bool('wait', 'Wait for services to be running|healthy. Implies detached mode.'),
      int('wait-timeout', 'Maximum duration to wait for the project to be running|healthy'),
      bool('menu', 'Enable interactive shortcuts when running attached', HIDDEN),
    ],
    async () => (await import('./commands/up.ts')).up,
  ),
  command(
    'version',
    '[OPTIONS]',
    'Show the Docker Compose version information',
    [
      text('f,format', 'Format the output. Values: [pretty | json]. (Default: pretty)'),
      bool('short', "Shows only Compose's version number"),
    ],
    async () => (await import('./commands/version.ts')).version,
    { arguments: { max: 0 } },
  ),
  command(
    'wait',
    'SERVICE [SERVICE...] [OPTIONS]',
    'Block until the first service container stops',
    [bool('down-project', 'Drops project when the first container stops')],
    observe('wait'),
    { arguments: { min: 1 } },
  ),
]

export const ROOT_FLAGS: readonly FlagSpec[] = [
  text('ansi', 'Control when to print ANSI control characters ("never"|"always"|"auto")', {
    default: 'auto',
  }),
  bool('compatibility', 'Run compose in backward compatibility mode'),
  list('env-file', 'Specify an alternate environment file'),
  list('f,file', 'Compose configuration files'),
  int('parallel', 'Control max parallelism, -1 for unlimited', { default: '-1' }),
  list('profile', 'Specify a profile to enable'),
  text('progress', 'Set type of progress output (auto, tty, plain, quiet)', { default: 'auto' }),
  text(
    'project-directory',
    'Specify an alternate working directory\n(default: the path of the, first specified, Compose file)',
  ),
  text('p,project-name', 'Project name'),
  text('workdir', 'DEPRECATED! USE --project-directory INSTEAD.', HIDDEN),
  bool('no-ansi', 'Do not print ANSI control characters (DEPRECATED)', HIDDEN),
  bool('verbose', 'Show more output', HIDDEN),
  bool('v,version', 'Show the Docker Compose version information', HIDDEN),
]

export const findComposeCommand = (name: string): ComposeCommand | undefined =>
  COMPOSE_COMMANDS.find(({ name: own, aliases = [] }) => own === name || aliases.includes(name))

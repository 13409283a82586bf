/** The commands of `docker compose`. Words are those of docker/compose 2.26. */
import type { CommandSpec, FlagSpec } from '../command.ts'
import { FORMAT_USAGE } from '../table/usage-texts.ts'
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

export const COMPOSE_COMMANDS: readonly ComposeCommand[] = [
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
]
export const LATER = {
  TIMEOUT,
  INDEX,
  REMOVE_ORPHANS,
  QUIET_PULL,
  SCALE,
  FORCE_RECREATE,
  NO_RECREATE,
  BUILD,
  NO_BUILD,
  NO_COLOR,
  NO_PREFIX,
  NO_DEPS,
  TABLE_OR_JSON,
  HIDDEN,
  FORMAT_USAGE,
}

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

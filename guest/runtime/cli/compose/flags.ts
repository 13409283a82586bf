/** The flags of `docker compose` and its commands. Words are those of docker/compose 2.26. */
import { FORMAT_USAGE } from '../docker/table/usage-texts.ts'
import { flagTable, flagTables, type TypesOf, type TypesOfAll } from '../shared/flag-spec.ts'

const HIDDEN = { hidden: true } as const
const TIMEOUT = {
  name: 'timeout',
  short: 't',
  type: 'int',
  usage: 'Specify a shutdown timeout in seconds',
} as const
const INDEX = {
  name: 'index',
  type: 'int',
  usage: 'Index of the container if service has multiple replicas',
} as const
const REMOVE_ORPHANS = {
  name: 'remove-orphans',
  type: 'bool',
  usage: 'Remove containers for services not defined in the Compose file',
} as const
const QUIET_PULL = {
  name: 'quiet-pull',
  type: 'bool',
  usage: 'Pull without printing progress information',
} as const
const SCALE = {
  name: 'scale',
  type: 'stringArray',
  usage: 'Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.',
  valueName: 'scale',
} as const
const FORCE_RECREATE = {
  name: 'force-recreate',
  type: 'bool',
  usage: "Recreate containers even if their configuration and image haven't changed",
} as const
const NO_RECREATE = {
  name: 'no-recreate',
  type: 'bool',
  usage: "If containers already exist, don't recreate them. Incompatible with --force-recreate.",
} as const
const BUILD = { name: 'build', type: 'bool', usage: 'Build images before starting containers' } as const
const NO_BUILD = {
  name: 'no-build',
  type: 'bool',
  usage: "Don't build an image, even if it's policy",
} as const
const NO_COLOR = { name: 'no-color', type: 'bool', usage: 'Produce monochrome output' } as const
const NO_PREFIX = { name: 'no-log-prefix', type: 'bool', usage: "Don't print prefix in logs" } as const
const NO_DEPS = { name: 'no-deps', type: 'bool', usage: "Don't start linked services" } as const
const TABLE_OR_JSON = {
  name: 'format',
  type: 'string',
  usage: 'Format the output. Values: [table | json]',
  default: 'table',
} as const

export const COMPOSE_FLAGS = flagTables({
  attach: [
    {
      name: 'detach-keys',
      type: 'string',
      usage: 'Override the key sequence for detaching from a container.',
    },
    { name: 'index', type: 'int', usage: 'index of the container if service has multiple replicas.' },
    { name: 'no-stdin', type: 'bool', usage: 'Do not attach STDIN' },
    { name: 'sig-proxy', type: 'bool', usage: 'Proxy all received signals to the process', default: 'true' },
  ],
  build: [
    { name: 'build-arg', type: 'stringArray', usage: 'Set build-time variables for services' },
    { name: 'builder', type: 'string', usage: 'Set builder to use' },
    {
      name: 'memory',
      short: 'm',
      type: 'bytes',
      usage: 'Set memory limit for the build container. Not supported by BuildKit.',
    },
    { name: 'no-cache', type: 'bool', usage: 'Do not use cache when building the image' },
    { name: 'pull', type: 'bool', usage: 'Always attempt to pull a newer version of the image' },
    { name: 'push', type: 'bool', usage: 'Push service images' },
    { name: 'quiet', short: 'q', type: 'bool', usage: "Don't print anything to STDOUT" },
    {
      name: 'ssh',
      type: 'string',
      usage:
        "Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)",
    },
    { name: 'with-dependencies', type: 'bool', usage: 'Also build dependencies (transitively)' },
    { name: 'compress', type: 'bool', usage: 'DEPRECATED', ...HIDDEN },
    { name: 'force-rm', type: 'bool', usage: 'DEPRECATED', ...HIDDEN },
    { name: 'no-rm', type: 'bool', usage: 'DEPRECATED', ...HIDDEN },
    { name: 'parallel', type: 'bool', usage: 'DEPRECATED', ...HIDDEN },
  ],
  config: [
    { name: 'format', type: 'string', usage: 'Format the output. Values: [yaml | json]', default: 'yaml' },
    { name: 'hash', type: 'string', usage: 'Print the service config hash, one per line.' },
    { name: 'images', type: 'bool', usage: 'Print the image names, one per line.' },
    {
      name: 'no-consistency',
      type: 'bool',
      usage: "Don't check model consistency - warning: may produce invalid Compose output",
    },
    { name: 'no-interpolate', type: 'bool', usage: "Don't interpolate environment variables" },
    { name: 'no-normalize', type: 'bool', usage: "Don't normalize compose model" },
    { name: 'no-path-resolution', type: 'bool', usage: "Don't resolve file paths" },
    { name: 'output', short: 'o', type: 'string', usage: 'Save to file (default to stdout)' },
    { name: 'profiles', type: 'bool', usage: 'Print the profile names, one per line.' },
    {
      name: 'quiet',
      short: 'q',
      type: 'bool',
      usage: "Only validate the configuration, don't print anything",
    },
    { name: 'services', type: 'bool', usage: 'Print the service names, one per line.' },
    { name: 'volumes', type: 'bool', usage: 'Print the volume names, one per line.' },
  ],
  cp: [
    { name: 'archive', short: 'a', type: 'bool', usage: 'Archive mode (copy all uid/gid information)' },
    { name: 'follow-link', short: 'L', type: 'bool', usage: 'Always follow symbol link in SRC_PATH' },
    INDEX,
  ],
  create: [
    BUILD,
    NO_BUILD,
    FORCE_RECREATE,
    NO_RECREATE,
    QUIET_PULL,
    REMOVE_ORPHANS,
    SCALE,
    {
      name: 'pull',
      type: 'string',
      usage: 'Pull image before running ("always"|"missing"|"never"|"build")',
      default: 'policy',
    },
  ],
  down: [
    REMOVE_ORPHANS,
    {
      name: 'rmi',
      type: 'string',
      usage:
        'Remove images used by services. "local" remove only images that don\'t have a custom tag ("local"|"all")',
    },
    TIMEOUT,
    {
      name: 'volumes',
      short: 'v',
      type: 'bool',
      usage:
        'Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers',
    },
  ],
  events: [{ name: 'json', type: 'bool', usage: 'Output events as a stream of json objects' }],
  exec: [
    { name: 'detach', short: 'd', type: 'bool', usage: 'Detached mode: Run command in the background' },
    { name: 'env', short: 'e', type: 'stringArray', usage: 'Set environment variables' },
    INDEX,
    {
      name: 'interactive',
      short: 'i',
      type: 'bool',
      usage: 'Keep STDIN open even if not attached',
      default: 'true',
      ...HIDDEN,
    },
    {
      name: 'no-TTY',
      short: 'T',
      type: 'bool',
      usage: 'Disable pseudo-TTY allocation. By default docker compose exec allocates a TTY.',
      valueName: 'docker compose exec',
      default: 'true',
    },
    { name: 'privileged', type: 'bool', usage: 'Give extended privileges to the process' },
    { name: 'tty', short: 't', type: 'bool', usage: 'Allocate a pseudo-TTY', ...HIDDEN },
    { name: 'user', short: 'u', type: 'string', usage: 'Run the command as this user' },
    { name: 'workdir', short: 'w', type: 'string', usage: 'Path to workdir directory for this command' },
  ],
  images: [TABLE_OR_JSON, { name: 'quiet', short: 'q', type: 'bool', usage: 'Only display IDs' }],
  kill: [
    REMOVE_ORPHANS,
    {
      name: 'signal',
      short: 's',
      type: 'string',
      usage: 'SIGNAL to send to the container',
      default: 'SIGKILL',
    },
  ],
  logs: [
    { name: 'follow', short: 'f', type: 'bool', usage: 'Follow log output' },
    { name: 'index', type: 'int', usage: 'index of the container if service has multiple replicas' },
    NO_COLOR,
    NO_PREFIX,
    {
      name: 'since',
      type: 'string',
      usage: 'Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
    },
    {
      name: 'tail',
      short: 'n',
      type: 'string',
      usage: 'Number of lines to show from the end of the logs for each container',
      default: 'all',
    },
    { name: 'timestamps', short: 't', type: 'bool', usage: 'Show timestamps' },
    {
      name: 'until',
      type: 'string',
      usage: 'Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
    },
  ],
  ls: [
    { name: 'all', short: 'a', type: 'bool', usage: 'Show all stopped Compose projects' },
    { name: 'filter', type: 'filter', usage: 'Filter output based on conditions provided' },
    TABLE_OR_JSON,
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Only display IDs' },
  ],
  port: [INDEX, { name: 'protocol', type: 'string', usage: 'tcp or udp', default: 'tcp' }],
  ps: [
    {
      name: 'all',
      short: 'a',
      type: 'bool',
      usage: 'Show all stopped containers (including those created by the run command)',
    },
    { name: 'filter', type: 'string', usage: 'Filter services by a property (supported filters: status)' },
    { name: 'format', type: 'string', usage: FORMAT_USAGE, default: 'table' },
    { name: 'no-trunc', type: 'bool', usage: "Don't truncate output" },
    {
      name: 'orphans',
      type: 'bool',
      usage: 'Include orphaned services (not declared by project)',
      default: 'true',
    },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Only display IDs' },
    { name: 'services', type: 'bool', usage: 'Display services' },
    {
      name: 'status',
      type: 'stringArray',
      usage:
        'Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]',
    },
  ],
  pull: [
    { name: 'ignore-buildable', type: 'bool', usage: 'Ignore images that can be built' },
    {
      name: 'ignore-pull-failures',
      type: 'bool',
      usage: 'Pull what it can and ignores images with pull failures',
    },
    { name: 'include-deps', type: 'bool', usage: 'Also pull services declared as dependencies' },
    { name: 'policy', type: 'string', usage: 'Apply pull policy ("missing"|"always")' },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Pull without printing progress information' },
    { name: 'parallel', type: 'bool', usage: 'DEPRECATED', ...HIDDEN },
    { name: 'no-parallel', type: 'bool', usage: 'DEPRECATED', ...HIDDEN },
  ],
  push: [
    {
      name: 'ignore-push-failures',
      type: 'bool',
      usage: 'Push what it can and ignores images with push failures',
    },
    { name: 'include-deps', type: 'bool', usage: 'Also push images of services declared as dependencies' },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Push without printing progress information' },
  ],
  restart: [{ name: 'no-deps', type: 'bool', usage: "Don't restart dependent services" }, TIMEOUT],
  rm: [
    { name: 'all', short: 'a', type: 'bool', usage: 'Deprecated - no effect', ...HIDDEN },
    { name: 'force', short: 'f', type: 'bool', usage: "Don't ask to confirm removal" },
    { name: 'stop', short: 's', type: 'bool', usage: 'Stop the containers, if required, before removing' },
    {
      name: 'volumes',
      short: 'v',
      type: 'bool',
      usage: 'Remove any anonymous volumes attached to containers',
    },
  ],
  run: [
    { name: 'build', type: 'bool', usage: 'Build image before starting container' },
    { name: 'cap-add', type: 'list', usage: 'Add Linux capabilities' },
    { name: 'cap-drop', type: 'list', usage: 'Drop Linux capabilities' },
    { name: 'detach', short: 'd', type: 'bool', usage: 'Run container in background and print container ID' },
    { name: 'entrypoint', type: 'string', usage: 'Override the entrypoint of the image' },
    { name: 'env', short: 'e', type: 'stringArray', usage: 'Set environment variables' },
    {
      name: 'interactive',
      short: 'i',
      type: 'bool',
      usage: 'Keep STDIN open even if not attached',
      default: 'true',
    },
    { name: 'label', short: 'l', type: 'stringArray', usage: 'Add or override a label' },
    { name: 'name', type: 'string', usage: 'Assign a name to the container' },
    {
      name: 'no-TTY',
      short: 'T',
      type: 'bool',
      usage: 'Disable pseudo-TTY allocation (default: auto-detected)',
      default: 'true',
    },
    NO_DEPS,
    { name: 'publish', short: 'p', type: 'stringArray', usage: "Publish a container's port(s) to the host" },
    QUIET_PULL,
    REMOVE_ORPHANS,
    { name: 'rm', type: 'bool', usage: 'Automatically remove the container when it exits' },
    {
      name: 'service-ports',
      short: 'P',
      type: 'bool',
      usage: "Run command with all service's ports enabled and mapped to the host",
    },
    { name: 'tty', short: 't', type: 'bool', usage: 'Allocate a pseudo-TTY', ...HIDDEN },
    {
      name: 'use-aliases',
      type: 'bool',
      usage: "Use the service's network useAliases in the network(s) the container connects to",
    },
    { name: 'user', short: 'u', type: 'string', usage: 'Run as specified username or uid' },
    { name: 'volume', short: 'v', type: 'stringArray', usage: 'Bind mount a volume' },
    { name: 'workdir', short: 'w', type: 'string', usage: 'Working directory inside the container' },
    { name: 'labels', type: 'stringArray', usage: 'DEPRECATED', storesAs: 'label', ...HIDDEN },
    { name: 'volumes', type: 'stringArray', usage: 'DEPRECATED', storesAs: 'volume', ...HIDDEN },
  ],
  scale: [NO_DEPS],
  stats: [
    { name: 'all', short: 'a', type: 'bool', usage: 'Show all containers (default shows just running)' },
    { name: 'format', type: 'string', usage: FORMAT_USAGE },
    { name: 'no-stream', type: 'bool', usage: 'Disable streaming stats and only pull the first result' },
    { name: 'no-trunc', type: 'bool', usage: 'Do not truncate output' },
  ],
  stop: [TIMEOUT],
  up: [
    {
      name: 'abort-on-container-exit',
      type: 'bool',
      usage: 'Stops all containers if any container was stopped. Incompatible with -d',
    },
    {
      name: 'always-recreate-deps',
      type: 'bool',
      usage: 'Recreate dependent containers. Incompatible with --no-recreate.',
    },
    {
      name: 'attach',
      type: 'stringArray',
      usage: 'Restrict attaching to the specified services. Incompatible with --attach-dependencies.',
    },
    {
      name: 'attach-dependencies',
      type: 'bool',
      usage: 'Automatically attach to log output of dependent services',
    },
    { name: 'detach', short: 'd', type: 'bool', usage: 'Detached mode: Run containers in the background' },
    {
      name: 'exit-code-from',
      type: 'string',
      usage: 'Return the exit code of the selected service container. Implies --abort-on-container-exit',
    },
    {
      name: 'no-attach',
      type: 'stringArray',
      usage: 'Do not attach (stream logs) to the specified services',
    },
    BUILD,
    NO_BUILD,
    FORCE_RECREATE,
    NO_RECREATE,
    NO_COLOR,
    NO_DEPS,
    NO_PREFIX,
    QUIET_PULL,
    REMOVE_ORPHANS,
    SCALE,
    { name: 'no-start', type: 'bool', usage: "Don't start the services after creating them" },
    {
      name: 'pull',
      type: 'string',
      usage: 'Pull image before running ("always"|"missing"|"never")',
      default: 'policy',
    },
    {
      name: 'renew-anon-volumes',
      short: 'V',
      type: 'bool',
      usage: 'Recreate anonymous volumes instead of retrieving data from the previous containers',
    },
    {
      name: 'timeout',
      short: 't',
      type: 'int',
      usage:
        'Use this timeout in seconds for container shutdown when attached or when containers are already running',
    },
    { name: 'timestamps', type: 'bool', usage: 'Show timestamps' },
    { name: 'wait', type: 'bool', usage: 'Wait for services to be running|healthy. Implies detached mode.' },
    {
      name: 'wait-timeout',
      type: 'int',
      usage: 'Maximum duration to wait for the project to be running|healthy',
    },
    { name: 'menu', type: 'bool', usage: 'Enable interactive shortcuts when running attached', ...HIDDEN },
  ],
  version: [
    {
      name: 'format',
      short: 'f',
      type: 'string',
      usage: 'Format the output. Values: [pretty | json]. (Default: pretty)',
    },
    { name: 'short', type: 'bool', usage: "Shows only Compose's version number" },
  ],
  wait: [{ name: 'down-project', type: 'bool', usage: 'Drops project when the first container stops' }],
})

/** Flags before the command. */
export const ROOT_FLAGS = flagTable([
  {
    name: 'ansi',
    type: 'string',
    usage: 'Control when to print ANSI control characters ("never"|"always"|"auto")',
    default: 'auto',
  },
  { name: 'compatibility', type: 'bool', usage: 'Run compose in backward compatibility mode' },
  { name: 'env-file', type: 'stringArray', usage: 'Specify an alternate environment file' },
  { name: 'file', short: 'f', type: 'stringArray', usage: 'Compose configuration files' },
  { name: 'parallel', type: 'int', usage: 'Control max parallelism, -1 for unlimited', default: '-1' },
  { name: 'profile', type: 'stringArray', usage: 'Specify a profile to enable' },
  {
    name: 'progress',
    type: 'string',
    usage: 'Set type of progress output (auto, tty, plain, quiet)',
    default: 'auto',
  },
  {
    name: 'project-directory',
    type: 'string',
    usage:
      'Specify an alternate working directory\n(default: the path of the, first specified, Compose file)',
  },
  { name: 'project-name', short: 'p', type: 'string', usage: 'Project name' },
  { name: 'workdir', type: 'string', usage: 'DEPRECATED! USE --project-directory INSTEAD.', ...HIDDEN },
  { name: 'no-ansi', type: 'bool', usage: 'Do not print ANSI control characters (DEPRECATED)', ...HIDDEN },
  { name: 'verbose', type: 'bool', usage: 'Show more output', ...HIDDEN },
  {
    name: 'version',
    short: 'v',
    type: 'bool',
    usage: 'Show the Docker Compose version information',
    ...HIDDEN,
  },
])

export type ComposeFlags = TypesOfAll<typeof COMPOSE_FLAGS>
export type RootFlags = TypesOf<typeof ROOT_FLAGS>

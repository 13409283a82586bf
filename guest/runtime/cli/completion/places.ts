/**
 * Tables of the kind of name that a command takes at each place. Commands are keyed by their path in their group, those
 * without a group by their name.
 */
import type { CandidateKind } from './candidates.ts'

const each = <T>(value: T, ...names: string[]): [string, T][] => names.map((name) => [name, value])

/** One entry per positional argument; the last one counts for all that follow. */
export const ARGUMENTS = new Map<string, readonly (CandidateKind | 'none')[]>([
  ...each(
    ['running'] as const,
    ...['container kill', 'container logs', 'container pause', 'container stats', 'container stop'],
  ),
  ...each(
    ['running', 'none'] as const,
    ...['container attach', 'container exec', 'container port', 'container top'],
  ),
  ...each(
    ['containers'] as const,
    ...['container inspect', 'container restart', 'container rm', 'container update', 'container wait'],
  ),
  ...each(
    ['containers', 'none'] as const,
    ...['container commit', 'container diff', 'container export', 'container rename'],
  ),
  ['container logs', ['containers', 'none']],
  ['container cp', ['files']],
  ['container start', ['stopped']],
  ['container unpause', ['paused']],
  ['container run', ['images', 'files']],
  ['container create', ['images', 'files']],
  ...each(
    ['images'] as const,
    ...['image inspect', 'image push', 'image rm', 'image save', 'image tag', 'image history'],
  ),
  ...each(['files'] as const, 'image build', 'builder build', 'image import', 'image load'),
  ...each(['networks'] as const, 'network inspect', 'network rm'),
  ['network connect', ['networks', 'containers', 'none']],
  ['network disconnect', ['networks', 'running', 'none']],
  ...each(['volumes'] as const, 'volume inspect', 'volume rm'),
  ['inspect', ['objects']],
])

/** Flags whose value is a name of the engine's, or one of a few words. Others take files. */
export const FLAG_VALUES_BY_NAME: Readonly<Record<string, CandidateKind | readonly string[]>> = {
  network: 'networks',
  'volumes-from': 'containers',
  link: 'containers',
  attach: ['stderr', 'stdin', 'stdout'],
  pull: ['always', 'missing', 'never'],
  restart: ['always', 'no', 'on-failure', 'unless-stopped'],
  'log-driver': ['json-file', 'none'],
  cgroupns: ['host', 'private'],
  pid: ['container:', 'host'],
  ipc: ['container:', 'host', 'none', 'private', 'shareable'],
  uts: ['host'],
  userns: ['host'],
  signal: ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGSTOP', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'],
  'stop-signal': ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGSTOP', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'],
  'log-level': ['debug', 'info', 'warn', 'error', 'fatal'],
  ansi: ['never', 'always', 'auto'],
  progress: ['auto', 'tty', 'plain', 'quiet'],
}

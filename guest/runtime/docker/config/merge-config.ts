/** Completes a create request by what its image configures. Docker's rules: daemon/commit.go, merge. */
import { posix } from 'node:path'
import type { OciExecutionConfig } from '../../../protocol/api/content.ts'
import type {
  ContainerConfig,
  ContainerCreateRequest,
  HealthConfig,
} from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'

const keyOf = (entry: string) => entry.slice(0, entry.includes('=') ? entry.indexOf('=') : undefined)

/** Puts the request's variables first, then those of the image that the request does not name. */
function mergeEnv(own: string[], inherited: string[]): string[] {
  const named = new Set(own.map(keyOf))
  return [...own, ...inherited.filter((entry) => !named.has(keyOf(entry)))]
}

/** The words of a list, or one word alone, as Docker's strslice takes both. */
function wordsOf(value: string | string[] | null | undefined): string[] | null {
  return typeof value === 'string' ? [value] : (value ?? null)
}

/**
 * Drops null fields, as Go takes a null for a field's zero value: docker-py sends nulls for the values that it was not
 * given.
 */
const withoutNulls = (check: HealthConfig): HealthConfig =>
  Object.fromEntries(Object.entries(check).filter(([, value]) => value !== null))

function mergeHealthcheck(own?: HealthConfig, inherited?: HealthConfig): HealthConfig | undefined {
  if (!own || !inherited) return own ?? inherited
  return {
    Test: own.Test?.length ? own.Test : inherited.Test,
    Interval: own.Interval || inherited.Interval,
    Timeout: own.Timeout || inherited.Timeout,
    StartPeriod: own.StartPeriod || inherited.StartPeriod,
    StartInterval: own.StartInterval || inherited.StartInterval,
    Retries: own.Retries || inherited.Retries,
  }
}

/** Merges the command. An entrypoint in the request drops the image's command; `[""]` drops the image's entrypoint. */
function mergeCommand(own: ContainerCreateRequest, image: OciExecutionConfig) {
  let entrypoint = wordsOf(own.Entrypoint)
  let cmd = wordsOf(own.Cmd)
  if (!entrypoint?.length) {
    if (!cmd?.length) cmd = image.Cmd ?? null
    if (entrypoint === null) entrypoint = image.Entrypoint ?? null
  }
  if (entrypoint?.length === 1 && entrypoint[0] === '') entrypoint = null
  if (!entrypoint?.length && !cmd?.length) throw new EngineError('invalid', 'no command specified')
  return { Entrypoint: entrypoint, Cmd: cmd }
}

/** Cleans an absolute path as Go's filepath.Clean does. */
const cleaned = (path: string) => posix.normalize(path).replace(/(.)\/$/, '$1')

/**
 * Merges a request with its image's configuration.
 * @param hostname the default for a request that names none
 */
export function mergeConfig(
  own: ContainerCreateRequest,
  image: OciExecutionConfig,
  hostname: string,
): ContainerConfig {
  const healthcheck = mergeHealthcheck(
    own.Healthcheck ? withoutNulls(own.Healthcheck) : undefined,
    image.Healthcheck,
  )
  const exposed = { ...image.ExposedPorts, ...own.ExposedPorts }
  const volumes = { ...image.Volumes, ...own.Volumes }
  const shell = wordsOf(own.Shell)
  const command = mergeCommand(own, image)
  const stopSignal = own.StopSignal || image.StopSignal
  // The fields are in the order of Docker's own structures, because clients print fields that they don't know as they
  // come.
  return {
    Hostname: own.Hostname || hostname,
    Domainname: own.Domainname ?? '',
    User: own.User || image.User || '',
    AttachStdin: own.AttachStdin ?? false,
    AttachStdout: own.AttachStdout ?? false,
    AttachStderr: own.AttachStderr ?? false,
    ...(Object.keys(exposed).length > 0 && { ExposedPorts: exposed }),
    Tty: own.Tty ?? false,
    OpenStdin: own.OpenStdin ?? false,
    StdinOnce: own.StdinOnce ?? false,
    Env: mergeEnv(own.Env ?? [], image.Env ?? []),
    Cmd: command.Cmd,
    ...(healthcheck && { Healthcheck: healthcheck }),
    Image: own.Image ?? '',
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
    WorkingDir: own.WorkingDir ? cleaned(own.WorkingDir) : image.WorkingDir || '',
    Entrypoint: command.Entrypoint,
    ...(own.NetworkDisabled && { NetworkDisabled: true }),
    ...(own.MacAddress && { MacAddress: own.MacAddress }),
    OnBuild: own.OnBuild ?? null,
    Labels: { ...image.Labels, ...own.Labels },
    ...(stopSignal && { StopSignal: stopSignal }),
    ...(own.StopTimeout !== undefined && own.StopTimeout !== null && { StopTimeout: own.StopTimeout }),
    ...(shell?.length && { Shell: shell }),
  }
}

/** Path and arguments of the container's first process. */
export function commandOf(config: ContainerConfig): { path: string; args: string[] } {
  const [path = '', ...args] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]
  return { path, args }
}

/** What a container runs, as keys of a compose service: only what its image does not say already. */
import type { ContainerInspect, HealthConfig, ImageConfig } from '../../../guest/protocol/api/engine-api.ts'
import { formatGoDuration } from '../../../guest/vocabulary/go-duration.ts'
import { ownLabels } from './compose-labels.ts'
import type { ComposeMap } from './compose-yaml.ts'

/** Undefined for what is empty, so that its key is left out. */
export const given = <T extends string | number | readonly unknown[]>(
  value: T | null | undefined,
): T | undefined =>
  value === null || value === undefined || value === 0 || (typeof value !== 'number' && value.length === 0)
    ? undefined
    : value

export const filled = (map: ComposeMap): ComposeMap | undefined =>
  Object.values(map).some((value) => value !== undefined) ? map : undefined

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? []) === JSON.stringify(b ?? [])

/** @param image the image's own configuration */
export function processOf({ Config, HostConfig, Id }: ContainerInspect, image: ImageConfig): ComposeMap {
  const newEntrypoint = !same(Config.Entrypoint, image.Entrypoint)
  // An entrypoint of its own hides the image's command.
  const newCommand = newEntrypoint || !same(Config.Cmd, image.Cmd)
  const other = (value: string | undefined, inherited: string | undefined) =>
    value === inherited ? undefined : given(value)
  const ofHost = HostConfig.NetworkMode === 'host' || HostConfig.UTSMode === 'host'
  const hostname = ofHost || Id.startsWith(Config.Hostname) ? '' : Config.Hostname
  return {
    entrypoint: newEntrypoint ? (Config.Entrypoint ?? []) : undefined,
    command: newCommand ? given(Config.Cmd) : undefined,
    environment: given((Config.Env ?? []).filter((entry) => !image.Env?.includes(entry))),
    user: other(Config.User, image.User),
    working_dir: other(Config.WorkingDir, image.WorkingDir),
    hostname: given(hostname),
    domainname: given(Config.Domainname),
    stdin_open: Config.OpenStdin || undefined,
    tty: Config.Tty || undefined,
    init: HostConfig.Init === true || undefined,
    stop_signal: other(Config.StopSignal, image.StopSignal),
    stop_grace_period: Config.StopTimeout === undefined ? undefined : `${Config.StopTimeout}s`,
    restart: restart(HostConfig.RestartPolicy),
    healthcheck: same(Config.Healthcheck, image.Healthcheck) ? undefined : healthcheck(Config.Healthcheck),
    labels: ownLabels(Config.Labels, image.Labels),
  }
}

function restart(policy: ContainerInspect['HostConfig']['RestartPolicy'] | undefined): string | undefined {
  const { Name = '', MaximumRetryCount = 0 } = policy ?? {}
  if (Name === '' || Name === 'no') return undefined
  return Name === 'on-failure' && MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name
}

function healthcheck(check: HealthConfig | undefined): ComposeMap | undefined {
  if (check === undefined) return undefined
  if (check.Test?.[0] === 'NONE') return { disable: true }
  const time = (nanoseconds: number | undefined) =>
    given(nanoseconds) === undefined ? undefined : formatGoDuration(nanoseconds!)
  return {
    test: given(check.Test),
    interval: time(check.Interval),
    timeout: time(check.Timeout),
    retries: given(check.Retries),
    start_period: time(check.StartPeriod),
    start_interval: time(check.StartInterval),
  }
}

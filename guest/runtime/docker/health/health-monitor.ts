/**
 * Runs health checks (`HEALTHCHECK`, `--health-cmd`): probes as execs in the container. Docker's rules:
 * daemon/health.go.
 */
import type { Health, HealthConfig, HealthProbeResult } from '../../../protocol/api/engine-api.ts'
import { formatTime, parseTime } from '../../host/clock.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { probe } from './health-probe.ts'

const SECOND = 1_000_000_000
const DEFAULTS = { Interval: 30 * SECOND, Timeout: 30 * SECOND, StartInterval: 5 * SECOND, Retries: 3 }
const KEPT = 5

/** The command of the probe; undefined when the container has no check. */
export function probeCommand(
  check: HealthConfig | undefined,
  shell: string[] | undefined,
): string[] | undefined {
  const [kind, ...rest] = check?.Test ?? []
  if (kind === 'CMD' && rest.length > 0) return rest
  if (kind === 'CMD-SHELL' && rest.length > 0) return [...(shell ?? ['/bin/sh', '-c']), ...rest]
  return undefined
}

/**
 * The next health after a probe. Pure.
 * @param sinceStart nanoseconds
 */
export function afterProbe(
  health: Health,
  check: HealthConfig,
  result: HealthProbeResult,
  sinceStart: number,
): Health {
  const Log = [...(health.Log ?? []), result].slice(-KEPT)
  if (result.ExitCode === 0) return { Status: 'healthy', FailingStreak: 0, Log }
  // Failures do not count while the container is still allowed to start up.
  if (health.Status === 'starting' && sinceStart < (check.StartPeriod || 0)) return { ...health, Log }
  const FailingStreak = health.FailingStreak + 1
  const unhealthy = FailingStreak >= (check.Retries || DEFAULTS.Retries)
  return { Status: unhealthy ? 'unhealthy' : health.Status, FailingStreak, Log }
}

/**
 * Begins to probe; does nothing for a container without a check. A container that has `started` begins with `starting`
 * and no failures, whatever its last run came to (moby daemon/health.go, initHealthMonitor); one that is `resumed`,
 * after a pause or a restart of the engine, keeps its health.
 */
export function startHealthMonitor(
  context: EngineContext,
  container: Container,
  since: 'started' | 'resumed',
): void {
  const { config, state } = container.record
  const check = config.Healthcheck
  const command = probeCommand(check, config.Shell)
  if (!check || !command) return
  container.stopHealthMonitor?.()
  if (since === 'started' || state.health === undefined)
    state.health = { Status: 'starting', FailingStreak: 0, Log: state.health?.Log ?? [] }
  let cancel = () => {}
  let stopped = false
  // As in moby, a resumed container's start period is counted from the container's start.
  const sinceStart = (time: bigint) => Number(time - (parseTime(state.startedAt) ?? time))
  const schedule = () => {
    const early =
      state.health?.Status === 'starting' && sinceStart(context.clock.now()) < (check.StartPeriod || 0)
    const interval = early
      ? check.StartInterval || DEFAULTS.StartInterval
      : check.Interval || DEFAULTS.Interval
    cancel = context.clock.after(interval / 1e6, () => {
      run().catch((error: unknown) => context.report(`the health check of container ${container.id}`, error))
    })
  }
  const run = async () => {
    const start = context.clock.now()
    const result = await probe(context, container, command, (check.Timeout || DEFAULTS.Timeout) / 1e6)
    if (stopped) return
    const end = formatTime(context.clock.now())
    note(context, container, check, { Start: formatTime(start), End: end, ...result }, sinceStart(start))
    schedule()
  }
  container.stopHealthMonitor = () => {
    stopped = true
    cancel()
  }
  schedule()
}

function note(
  context: EngineContext,
  container: Container,
  check: HealthConfig,
  result: HealthProbeResult,
  sinceStart: number,
): void {
  const before = container.record.state.health ?? { Status: 'starting', FailingStreak: 0, Log: [] }
  const after = afterProbe(before, check, result, sinceStart)
  container.record.state.health = after
  if (after.Status !== before.Status)
    publishContainerEvent(context, container, `health_status: ${after.Status}`)
}

/**
 * Stops probing. A container that is no longer probed counts as unhealthy (moby container/health.go,
 * CloseMonitorChannel).
 */
export function stopHealthMonitor(container: Container): void {
  const { health } = container.record.state
  if (container.stopHealthMonitor === undefined) return
  container.stopHealthMonitor()
  container.stopHealthMonitor = undefined
  if (health) container.record.state.health = { ...health, Status: 'unhealthy' }
}

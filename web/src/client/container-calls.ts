import type {
  ContainerInspect,
  ContainerStats,
  ContainerSummary,
  ContainerTimeline,
  ContainerTop,
  ExecCreateRequest,
} from '../../../guest/protocol/api/engine-api.ts'
import type { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import type { StreamPart } from '../../../guest/vocabulary/stdcopy.ts'
import { demuxLogs } from './log-demux.ts'

export interface LogOptions {
  /** Whether the container has a terminal: its log is raw then; otherwise it comes in frames of stdout and stderr. */
  tty: boolean
  follow?: boolean
  /** The number of lines from the end. */
  tail?: number
  timestamps?: boolean
  signal?: AbortSignal
}

const container = (id: string) => `/containers/${encodeURIComponent(id)}` as const

/** Engine API, tag Container: what the page asks of containers. Errors are Docker's sentences as EngineError. */
export class ContainerCalls {
  private readonly api: EngineApi

  constructor(api: EngineApi) {
    this.api = api
  }

  list(): Promise<ContainerSummary[]> {
    return this.api.json('GET', '/containers/json', { query: { all: true } })
  }

  inspect(id: string): Promise<ContainerInspect> {
    return this.api.json('GET', `${container(id)}/json`)
  }

  top(id: string): Promise<ContainerTop> {
    return this.api.json('GET', `${container(id)}/top`)
  }

  timeline(id: string): Promise<ContainerTimeline> {
    return this.api.json('GET', `/porthole/containers/${encodeURIComponent(id)}/timeline`)
  }

  start(id: string): Promise<void> {
    return this.api.run('POST', `${container(id)}/start`)
  }

  stop(id: string): Promise<void> {
    return this.api.run('POST', `${container(id)}/stop`)
  }

  restart(id: string): Promise<void> {
    return this.api.run('POST', `${container(id)}/restart`)
  }

  kill(id: string): Promise<void> {
    return this.api.run('POST', `${container(id)}/kill`)
  }

  pause(id: string): Promise<void> {
    return this.api.run('POST', `${container(id)}/pause`)
  }

  unpause(id: string): Promise<void> {
    return this.api.run('POST', `${container(id)}/unpause`)
  }

  remove(id: string, force: boolean): Promise<void> {
    return this.api.run('DELETE', container(id), { query: { force, v: true } })
  }

  /** A sample a second until the signal aborts or the container is gone. */
  stats(id: string, signal: AbortSignal): AsyncGenerator<ContainerStats> {
    return this.api.values('GET', `${container(id)}/stats`, { query: { stream: true }, signal })
  }

  async *logs(id: string, { tty, follow, tail, timestamps, signal }: LogOptions): AsyncGenerator<StreamPart> {
    const query = { stdout: true, stderr: true, follow, tail, timestamps }
    const { body } = await this.api.send('GET', `${container(id)}/logs`, { query, signal })
    if (!tty) return yield* demuxLogs(body)
    for await (const bytes of body) yield { stream: 'stdout', bytes }
  }

  /** Resolves with the exec's id; see ExecCalls. */
  async createExec(id: string, exec: ExecCreateRequest, signal?: AbortSignal): Promise<string> {
    const { Id } = await this.api.json('POST', `${container(id)}/exec`, { json: exec, signal })
    return Id
  }
}

import type {
  EngineEvent,
  KeptVolumes,
  NamespacesReport,
  NetworkInspect,
  SystemInfo,
  SystemVersion,
  VolumeListResponse,
} from '../../../guest/protocol/api/engine-api.ts'
import type { EngineTransport } from '../../../guest/protocol/api/engine-transport.ts'
import { ContainerCalls } from './container-calls.ts'
import { EngineCalls } from './engine-calls.ts'
import { ExecCalls } from './exec-calls.ts'
import { ImageCalls } from './image-calls.ts'

/** The Engine API as the page uses it: typed calls over any EngineTransport. Every failure is an EngineError. */
export class EngineClient {
  readonly containers: ContainerCalls
  readonly images: ImageCalls
  readonly exec: ExecCalls
  private readonly calls: EngineCalls

  constructor(transport: EngineTransport) {
    this.calls = new EngineCalls(transport)
    this.containers = new ContainerCalls(this.calls)
    this.images = new ImageCalls(this.calls)
    this.exec = new ExecCalls(this.calls)
  }

  version(): Promise<SystemVersion> {
    return this.calls.json({ method: 'GET', path: '/version' })
  }

  info(): Promise<SystemInfo> {
    return this.calls.json({ method: 'GET', path: '/info' })
  }

  networks(): Promise<NetworkInspect[]> {
    return this.calls.json({ method: 'GET', path: '/networks' })
  }

  volumes(): Promise<VolumeListResponse> {
    return this.calls.json({ method: 'GET', path: '/volumes' })
  }

  /** Tells which volumes the page keeps: once at once, and at each change until the signal aborts. */
  keptVolumes(signal: AbortSignal): AsyncGenerator<KeptVolumes> {
    return this.calls.lines({ method: 'GET', path: '/porthole/volumes', signal })
  }

  /** Resolves when each changed volume has been saved, or could not be. */
  saveVolumes(): Promise<KeptVolumes> {
    return this.calls.json({ method: 'POST', path: '/porthole/volumes/save' })
  }

  namespaces(): Promise<NamespacesReport> {
    return this.calls.json({ method: 'GET', path: '/porthole/namespaces' })
  }

  /**
   * Yields every event from now on, until the signal aborts. Calls `onOpen` once the engine listens: the caller must
   * read the state after that, and the events tell every later change.
   */
  async *events(signal: AbortSignal, onOpen: () => void): AsyncGenerator<EngineEvent> {
    const lines = await this.calls.stream<EngineEvent>({ method: 'GET', path: '/events', signal })
    onOpen()
    yield* lines
  }
}

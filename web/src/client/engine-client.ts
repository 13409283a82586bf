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
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { ContainerCalls } from './container-calls.ts'
import { ExecCalls } from './exec-calls.ts'
import { ImageCalls } from './image-calls.ts'

/** The Engine API as the page uses it: typed calls over any EngineTransport. Every failure is an EngineError. */
export class EngineClient {
  readonly containers: ContainerCalls
  readonly images: ImageCalls
  readonly exec: ExecCalls
  private readonly api: EngineApi

  constructor(transport: EngineTransport) {
    this.api = new EngineApi(transport)
    this.containers = new ContainerCalls(this.api)
    this.images = new ImageCalls(this.api)
    this.exec = new ExecCalls(this.api)
  }

  version(): Promise<SystemVersion> {
    return this.api.json('GET', '/version')
  }

  info(): Promise<SystemInfo> {
    return this.api.json('GET', '/info')
  }

  networks(): Promise<NetworkInspect[]> {
    return this.api.json('GET', '/networks')
  }

  volumes(): Promise<VolumeListResponse> {
    return this.api.json('GET', '/volumes')
  }

  /** Tells which volumes the page keeps: once at once, and at each change until the signal aborts. */
  keptVolumes(signal: AbortSignal): AsyncGenerator<KeptVolumes> {
    return this.api.values('GET', '/porthole/volumes', { signal })
  }

  /** Resolves when each changed volume has been saved, or could not be. */
  saveVolumes(): Promise<KeptVolumes> {
    return this.api.json('POST', '/porthole/volumes/save')
  }

  namespaces(): Promise<NamespacesReport> {
    return this.api.json('GET', '/porthole/namespaces')
  }

  /**
   * Yields every event from now on, until the signal aborts. Calls `onOpen` once the engine listens: the caller must
   * read the state after that, and the events tell every later change.
   */
  async *events(signal: AbortSignal, onOpen: () => void): AsyncGenerator<EngineEvent> {
    const lines = await this.api.stream('GET', '/events', { signal })
    onOpen()
    yield* lines
  }
}

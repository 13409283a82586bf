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

  /** What the page keeps of the volumes: now, and at each change until the signal aborts. */
  keptVolumes(signal: AbortSignal): AsyncGenerator<KeptVolumes> {
    return this.calls.lines({ method: 'GET', path: '/porthole/volumes', signal })
  }

  /** Resolves when all that has changed is kept, or could not be. */
  saveVolumes(): Promise<KeptVolumes> {
    return this.calls.json({ method: 'POST', path: '/porthole/volumes/save' })
  }

  namespaces(): Promise<NamespacesReport> {
    return this.calls.json({ method: 'GET', path: '/porthole/namespaces' })
  }

  /**
   * Every event from now on, until the signal aborts. `onOpen` is called once the engine listens: what happened before
   * must be asked for after it, what happens later will be told.
   */
  async *events(signal: AbortSignal, onOpen: () => void): AsyncGenerator<EngineEvent> {
    const lines = await this.calls.stream<EngineEvent>({ method: 'GET', path: '/events', signal })
    onOpen()
    yield* lines
  }
}

import type { EngineEvent, SystemInfo, SystemVersion } from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { EngineClient } from '../client/engine-client.ts'
import { HttpTransport } from '../client/http-transport.ts'
import { lessonGuest, type LessonGuest } from '../lessons/checks/lesson-guest.ts'
import type { BuildDrafts } from './build/build-drafts.ts'
import { BuildState } from './build/build-state.svelte.ts'
import { ContainersState } from './containers-state.svelte.ts'
import { followEngineEvents } from './engine-events.ts'
import { ImageArchivesState } from './images/image-archives-state.svelte.ts'
import { ImagesState } from './images/images-state.svelte.ts'
import type { MachineHandle } from './machine-handle.ts'
import { NamespacesState } from './namespaces-state.svelte.ts'
import { TakeState } from './take-state.svelte.ts'
import { TerminalsState } from './terminals/terminals-state.svelte.ts'
import { UsageState } from './usage/usage-state.svelte.ts'
import { VolumesState } from './volumes-state.svelte.ts'

/** `connecting`: the engine has not answered yet. `reconnecting`: it went away, and its supervisor brings it back. */
export type EngineConnection = 'connecting' | 'connected' | 'reconnecting'

/** Everything that lives as long as one machine does: the client, and the state that the engine's events feed. */
export class EngineSession {
  readonly client: EngineClient
  /** The machine as checks of lessons see it. */
  readonly guest: LessonGuest
  readonly containers: ContainersState
  readonly usage: UsageState
  readonly images: ImagesState
  readonly archives: ImageArchivesState
  readonly build: BuildState
  readonly terminals: TerminalsState
  readonly namespaces: NamespacesState
  readonly volumes: VolumesState
  readonly take: TakeState
  readonly openStream: MachineHandle['openStream']
  connection = $state<EngineConnection>('connecting')
  info = $state.raw<{ system: SystemInfo; version: SystemVersion }>()
  error = $state.raw<EngineError>()
  private readonly stop = new AbortController()
  private readonly waiting: (() => void)[] = []
  private events = 0
  private eventListener: ((event: EngineEvent) => void) | undefined

  constructor(handle: Pick<MachineHandle, 'openStream'>, drafts: BuildDrafts) {
    this.openStream = handle.openStream
    const transport = new HttpTransport(() => handle.openStream({ service: 'engine' }))
    this.client = new EngineClient(transport)
    this.guest = lessonGuest(transport)
    this.containers = new ContainersState(this.client)
    this.usage = new UsageState(this.client)
    this.images = new ImagesState(this.client)
    this.archives = new ImageArchivesState(this.client)
    this.build = new BuildState(this.client, drafts)
    this.terminals = new TerminalsState(this.client, () => this.whenConnected())
    this.namespaces = new NamespacesState(this.client)
    this.volumes = new VolumesState(this.client)
    this.take = new TakeState(transport)
  }

  /** Follows the engine's events until `close`. */
  follow(): Promise<void> {
    return followEngineEvents(
      this.client,
      {
        onConnected: () => void this.onConnected(),
        onEvent: (event) => this.onEvent(event),
        onDisconnected: () => this.onDisconnected(),
      },
      this.stop.signal,
    )
  }

  /** Resolves when the engine listens; at once when it does already. */
  whenConnected(): Promise<void> {
    if (this.connection === 'connected') return Promise.resolve()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** The listener gets each event of the engine, after the page's own state has; the answer ends that. */
  watchEvents(listener: (event: EngineEvent) => void): () => void {
    this.eventListener = listener
    return () => {
      if (this.eventListener === listener) this.eventListener = undefined
    }
  }

  /** Counts up with each event of the engine and with what is typed. */
  get activity(): number {
    return this.events + this.terminals.inputs
  }

  close(): void {
    this.stop.abort()
    this.usage.close()
    this.terminals.closeAll()
  }

  private async onConnected(): Promise<void> {
    this.connection = 'connected'
    for (const resolve of this.waiting.splice(0)) resolve()
    this.volumes.follow(this.stop.signal).catch((thrown) => (this.error = EngineError.from(thrown)))
    // The engine does one thing at a time, and a person waits for the first shell's prompt.
    await this.terminals.sessions[0]?.answered
    await this.containers.reload()
    await this.images.reload()
    try {
      this.info ??= { system: await this.client.info(), version: await this.client.version() }
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  private onDisconnected(): void {
    if (this.connection === 'connected') this.connection = 'reconnecting'
  }

  private onEvent(event: EngineEvent): void {
    this.events++
    if (event.Type === 'container') {
      if (event.Action === 'oom') this.usage.markOom(event.Actor.ID, event.time * 1000)
      if (event.Action === 'destroy') this.usage.forget(event.Actor.ID)
    }
    void this.containers.onEvent(event)
    void this.images.onEvent(event)
    this.namespaces.onEvent(event)
    this.eventListener?.(event)
  }
}

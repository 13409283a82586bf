import type { BootOptions } from '../worker/machine-api.ts'
import type { BuildDrafts } from './build/build-drafts.ts'
import { EngineSession } from './engine-session.svelte.ts'
import type { LessonsState } from './lessons/lessons-state.svelte.ts'
import { KeptMachineState } from './kept-machine-state.svelte.ts'
import { MachineState } from './machine-state.svelte.ts'
import type { ConnectMachine, MachineHandle } from './machine-handle.ts'
import type { OfflineState } from './offline/offline-state.svelte.ts'
import type { SettingsState } from './settings-state.svelte.ts'

/** Images that the page prefetches while it has a network, so that the first `docker run` works offline. */
const OFFLINE_IMAGES = ['docker.io/library/busybox:latest']

/** The state of the whole page: settings, the machine, and the session with its engine while there is one. */
export class AppState {
  readonly settings: SettingsState
  readonly machine: MachineState
  readonly lessons: LessonsState
  /** Undefined where nothing is kept beyond the page, as in other sites' pages. */
  readonly offline: OfflineState | undefined
  session = $state.raw<EngineSession>()
  /** There is one whenever there is a session. */
  kept = $state.raw<KeptMachineState>()
  private options: BootOptions
  private readonly drafts: BuildDrafts
  private readonly prefetches: boolean

  /** @param prefetches whether all that the machine may still need is fetched once it runs */
  constructor(
    settings: SettingsState,
    connect: ConnectMachine,
    options: BootOptions,
    drafts: BuildDrafts,
    lessons: LessonsState,
    prefetches = true,
    offline?: OfflineState,
  ) {
    this.settings = settings
    this.lessons = lessons
    this.machine = new MachineState(connect)
    this.options = options
    this.drafts = drafts
    this.prefetches = prefetches
    this.offline = offline
  }

  /** Boots, or boots again after a failure or a lost worker. */
  async boot(): Promise<void> {
    this.leaveSession()
    const handle = await this.machine.boot(this.options)
    if (!handle) return void this.offline?.begin() // a newer version may boot where this one does not
    const session = new EngineSession(handle, this.drafts)
    const kept = this.keptMachine(handle, session)
    this.session = session
    this.kept = kept
    const shell = session.terminals.open({ kind: 'guest' })
    this.lessons.useMachine(session, kept.session.outcome.state === 'resumed')
    void handle.dead.then(() => this.lose(session))
    void session.follow()
    // What the shell needs is fetched before what may be needed later.
    await shell.answered
    await this.offline?.begin()
    if (this.prefetches) await this.machine.prepareOffline(OFFLINE_IMAGES)
  }

  /** A new machine takes the place of the one that runs; nothing happens when `kept` has an error then. */
  async startAfresh(): Promise<void> {
    if (await this.kept?.forget()) await this.reboot('fresh')
  }

  /** The machine of a file takes the place of the one that runs; nothing happens when `kept` has an error then. */
  async openMachine(file: Blob): Promise<void> {
    if (await this.kept?.open(file)) await this.reboot('resume')
  }

  /** Ends the machine, or its boot. */
  stop(): void {
    this.leaveSession()
    this.machine.stop()
  }

  private async reboot(session: BootOptions['session']): Promise<void> {
    // A cold boot that was asked for is over: only a machine from the snapshot can go on.
    this.options = { ...this.options, session, cold: false }
    this.stop()
    await this.boot()
  }

  private keptMachine({ api }: MachineHandle, session: EngineSession): KeptMachineState {
    return new KeptMachineState({
      api,
      session: this.machine.result!.session,
      saveVolumes: () => session.volumes.save(),
      activity: () => session.activity,
    })
  }

  private leaveSession(): void {
    this.session?.close()
    this.kept?.close()
    this.lessons.useMachine(undefined)
    this.session = undefined
    this.kept = undefined
  }

  private lose(session: EngineSession): void {
    session.close()
    if (this.session === session) this.leaveSession()
  }
}

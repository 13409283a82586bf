import { EngineError } from '../../../guest/protocol/errors.ts'
import {
  BOOT_STEPS,
  type BootOptions,
  type BootProgress,
  type BootResult,
  type BootStep,
} from '../worker/machine-api.ts'
import type { ConnectMachine, MachineHandle } from './machine-handle.ts'

export interface BootStepView {
  step: BootStep
  state: 'waiting' | BootProgress['state']
  loaded?: number
  total?: number
  notice?: string
}

/** `lost`: the machine ran, and then its worker died. */
export type MachinePhase = 'idle' | 'booting' | 'ready' | 'failed' | 'lost'

export type OfflineState =
  { phase: 'unknown' | 'ready' } | { phase: 'fetching'; loaded: number; total: number }

/** The machine's life as the page shows it: boot steps as data, then ready, and why it ended. */
export class MachineState {
  phase = $state<MachinePhase>('idle')
  steps = $state<BootStepView[]>(waitingSteps())
  error = $state.raw<EngineError>()
  result = $state.raw<BootResult>()
  offline = $state.raw<OfflineState>({ phase: 'unknown' })
  /** Why the background download stopped; the machine itself runs on. */
  offlineError = $state.raw<EngineError>()
  handle = $state.raw<MachineHandle>()
  private readonly connect: ConnectMachine
  /** The machine that boots, or runs. */
  private machine: MachineHandle | undefined

  constructor(connect: ConnectMachine) {
    this.connect = connect
  }

  /** The step under way, or else the last one. */
  readonly current = $derived(
    this.steps.find(({ state }) => state === 'running') ??
      this.steps.findLast(({ state }) => state === 'done'),
  )
  readonly notices = $derived(this.steps.flatMap(({ notice }) => (notice === undefined ? [] : [notice])))

  /** Resolves with the handle once the engine answers; with undefined when the boot failed, and `error` tells why. */
  async boot(options: BootOptions): Promise<MachineHandle | undefined> {
    this.steps = waitingSteps()
    this.phase = 'booting'
    this.error = undefined
    let handle: MachineHandle | undefined
    this.machine = undefined
    try {
      handle = this.connect()
      this.machine = handle
      this.watch(handle)
      this.result = await handle.api.boot(options, (progress) => this.progress(progress))
    } catch (thrown) {
      handle?.terminate()
      if (this.machine !== handle) return undefined // stopped meanwhile
      this.error = EngineError.from(thrown)
      this.phase = 'failed'
      return undefined
    }
    this.handle = handle
    this.phase = 'ready'
    return handle
  }

  /** Ends the machine, or its boot, which then gives no handle. */
  stop(): void {
    const { machine } = this
    this.machine = undefined
    this.handle = undefined
    this.phase = 'idle'
    machine?.terminate()
  }

  /** Fetches what the machine and `images` may still need, so that nothing needs the network any more. */
  async prepareOffline(images: string[]): Promise<void> {
    const { handle } = this
    if (!handle) return
    this.offlineError = undefined
    this.offline = { phase: 'fetching', loaded: 0, total: 0 }
    try {
      await handle.api.prefetch(images, (loaded, total) => {
        if (this.offline.phase === 'fetching') this.offline = { phase: 'fetching', loaded, total }
      })
      this.offline = { phase: 'ready' }
    } catch (thrown) {
      this.offlineError = EngineError.from(thrown)
      this.offline = { phase: 'unknown' }
    }
  }

  private progress(progress: BootProgress): void {
    this.steps = this.steps.map((view) => (view.step === progress.step ? { ...view, ...progress } : view))
  }

  private watch(handle: MachineHandle): void {
    void handle.dead.then((reason) => {
      if (this.handle !== handle) return
      this.handle = undefined
      this.error = reason
      this.phase = 'lost'
    })
  }
}

function waitingSteps(): BootStepView[] {
  return BOOT_STEPS.map((step) => ({ step, state: 'waiting' }))
}

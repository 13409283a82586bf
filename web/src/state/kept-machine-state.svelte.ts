import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BootSession, MachineApi } from '../worker/machine-api.ts'

/** The schedule of saves while the page is seen. */
const INTERVAL_MS = 60_000

export interface KeptMachineDeps {
  api: Pick<MachineApi, 'save' | 'saveToFile' | 'openFile' | 'forget'>
  /** How the machine began. */
  session: BootSession
  /** Saves the volumes, so that what is kept of them and of the machine is of the same moment. Never rejects. */
  saveVolumes(): Promise<void>
  /** Counts up with whatever people and containers do that the engine tells of. */
  activity(): number
}

/** The machine as this browser keeps it over a reload: when it was saved last, and why it is not. */
export class KeptMachineState {
  /** Milliseconds since 1970; of the machine that was gone on with, until it is saved again. */
  savedAt = $state<number>()
  /** Why the last save failed. */
  unsaved = $state.raw<EngineError>()
  /** Why something else failed that the person wanted. */
  error = $state.raw<EngineError>()
  /** How many calls are under way. */
  private calls = $state(0)
  readonly session: BootSession
  private readonly deps: KeptMachineDeps
  private seen: number
  private timer: ReturnType<typeof setInterval> | undefined

  constructor(deps: KeptMachineDeps) {
    this.deps = deps
    this.session = deps.session
    this.seen = deps.activity()
    const { outcome } = deps.session
    if (outcome.state === 'resumed') this.savedAt = outcome.savedAt
  }

  get busy(): boolean {
    return this.calls > 0
  }

  get isKept(): boolean {
    return this.session.keeps === 'here'
  }

  /** A page that is hidden may never be seen again, so the machine is saved then; while it is seen, on a schedule. */
  setHidden(hidden: boolean): void {
    this.close()
    if (hidden) return void this.saveIfWorked()
    if (this.isKept) this.timer = setInterval(() => void this.saveIfWorked(), INTERVAL_MS)
  }

  /** Saves now; resolves when that is done, or has failed, and `unsaved` says why. */
  async save(): Promise<void> {
    await this.attempt('unsaved', () => this.saveUnless(false))
  }

  /** The machine as a file; undefined when that failed. */
  async toFile(): Promise<Blob | undefined> {
    let file: Blob | undefined
    await this.attempt('error', async () => {
      await this.deps.saveVolumes()
      file = await this.deps.api.saveToFile()
    })
    return file
  }

  /** Resolves true when the next boot goes on with the machine of the file. */
  async open(file: Blob): Promise<boolean> {
    return this.attempt('error', async () => {
      await this.deps.saveVolumes()
      await this.deps.api.openFile(file)
    })
  }

  /** Resolves true when the next boot is of a new machine. */
  async forget(): Promise<boolean> {
    return this.attempt('error', async () => {
      await this.deps.saveVolumes()
      if (this.isKept) await this.deps.api.forget()
    })
  }

  /** The person has read them. */
  hideErrors(): void {
    this.unsaved = undefined
    this.error = undefined
  }

  /** Ends the schedule. */
  close(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  private async saveIfWorked(): Promise<void> {
    if (this.isKept) await this.attempt('unsaved', () => this.saveUnless(this.deps.activity() === this.seen))
    else await this.deps.saveVolumes()
  }

  private async saveUnless(idle: boolean): Promise<void> {
    const seen = this.deps.activity()
    await this.deps.saveVolumes()
    const save = await this.deps.api.save(idle)
    if (save === null) return
    this.seen = seen
    this.savedAt = save.savedAt
  }

  private async attempt(failure: 'unsaved' | 'error', act: () => Promise<void>): Promise<boolean> {
    this.calls++
    this[failure] = undefined
    try {
      await act()
      return true
    } catch (thrown) {
      this[failure] = EngineError.from(thrown)
      return false
    } finally {
      this.calls--
    }
  }
}

/** Saves the machine that runs: to the browser and to files, one save at a time. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { decodeSession, encodeSession } from '../sessions/session-format.ts'
import { layersOf, type SessionKeeper } from '../sessions/session-keeper.ts'
import type { Digest } from '../../../guest/protocol/api/oci-image.ts'
import type { Content } from '../content-service/content-service.ts'
import { shortId } from '../storage/digest.ts'
import type { Guest } from '../vm/guest.ts'
import type { SavedMachine } from '../vm/saved-machine.ts'
import type { BootSession, SessionSave } from './machine-api.ts'

/**
 * Slices of about a millisecond that the guest may work in a minute while nobody wants anything of it: its timers, and the
 * page's looks at what containers use.
 */
const IDLE_WORK = 3000

type SavedGuest = Pick<
  Guest,
  'machine' | 'save' | 'content' | 'manifest' | 'memory' | 'restored' | 'returned'
>

export class MachineSaves {
  readonly #guest: SavedGuest
  readonly #keeper: SessionKeeper | undefined
  #saving: Promise<SessionSave> | undefined
  /** What the guest had worked at its last save. */
  #worked: number
  /** Why the machine is not kept any more. */
  #ended: EngineError | undefined
  #stop!: (error: EngineError) => void
  readonly #stopped = new Promise<never>((_, reject) => (this.#stop = reject))

  /** @param keeper absent for a machine that is never kept */
  constructor(guest: SavedGuest, keeper: SessionKeeper | undefined) {
    this.#guest = guest
    this.#keeper = keeper
    this.#worked = guest.machine.worked()
    this.#stopped.catch(() => undefined)
  }

  async session(): Promise<BootSession> {
    const { restored, returned } = this.#guest
    const keeper = this.#keeper
    if (keeper === undefined) return { outcome: { state: 'none' }, returned, keeps: 'never' }
    const mine = await keeper.isMine()
    return { outcome: keeper.outcome, returned, keeps: !restored ? 'never' : mine ? 'here' : 'elsewhere' }
  }

  async save(onlyIfWorked: boolean): Promise<SessionSave | null> {
    const { machine } = this.#guest
    if (onlyIfWorked && !this.#saving && machine.worked() - this.#worked < IDLE_WORK) return null
    this.#saving ??= this.#keep().finally(() => (this.#saving = undefined))
    return this.#saving
  }

  async saveToFile(): Promise<Blob> {
    await this.#saving?.catch(() => undefined) // its caller has the failure
    const parts = await encodeSession(await this.#machine())
    return new Blob(parts as Uint8Array<ArrayBuffer>[])
  }

  async openFile(file: Blob): Promise<void> {
    const keeper = this.#mayKeep()
    const { manifest, memory, content } = this.#guest
    const saved = await decodeSession(file, { buildId: manifest.buildId, memory })
    await mustHaveLayers(content, layersOf(saved))
    await this.#end('another machine was opened', () => keeper.keep(saved, content.store))
  }

  async forget(): Promise<void> {
    const keeper = this.#mayKeep()
    await this.#end('the machine is not kept any more', () => keeper.drop(this.#guest.content.store))
  }

  /** Ends with the machine; whoever waits for a save gets this error. */
  close(error: EngineError): void {
    this.#ended ??= error
    this.#stop(error)
    this.#keeper?.close()
  }

  async #keep(): Promise<SessionSave> {
    const keeper = this.#mayKeep()
    const worked = this.#guest.machine.worked()
    const saved = await this.#machine()
    const bytes = await keeper.keep(saved, this.#guest.content.store)
    this.#worked = worked
    return { savedAt: saved.savedAt, bytes }
  }

  #machine(): Promise<SavedMachine> {
    return Promise.race([this.#guest.save(), this.#stopped])
  }

  #mayKeep(): SessionKeeper {
    if (this.#ended) throw this.#ended
    if (this.#keeper) return this.#keeper
    throw new EngineError('not-supported', 'this page keeps no machine over a reload')
  }

  /** From now on the machine is not saved, unless the last thing that is done for it fails. */
  async #end(why: string, last: () => Promise<unknown>): Promise<void> {
    this.#ended = new EngineError('conflict', why)
    await this.#saving?.catch(() => undefined) // its caller has the failure
    try {
      await last()
    } catch (thrown) {
      this.#ended = undefined
      throw thrown
    }
  }
}

/** A machine that cannot read its containers' files is of no use. Rejects with EngineError `not-found`. */
async function mustHaveLayers({ store, catalogue }: Content, layers: readonly Digest[]): Promise<void> {
  for (const layer of layers) {
    if ((await store.layers.get(layer)) ?? (await catalogue.findLayer(layer))) continue
    const message = `the machine of the file has a container whose image is not in this browser (layer ${shortId(layer)}): load or pull the image first`
    throw new EngineError('not-found', message, { layer })
  }
}

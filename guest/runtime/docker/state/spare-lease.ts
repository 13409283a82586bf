/**
 * A lease that a removed container has left: the next container of the same layers takes it over, so that a command run
 * again and again asks the page for nothing. Until then the container's overlay directory stays, empty, because an engine
 * that finds such a directory without a record releases the lease of its name.
 */
import type { Clock } from '../../host/clock.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { Files } from '../../host/files/files.ts'

/** Milliseconds for which it is kept. */
const KEPT = 10_000

export interface SpareLeaseDeps {
  content: Pick<ContentClient, 'release'>
  files: Pick<Files, 'makeDirectory' | 'removeTree'>
  clock: Pick<Clock, 'after'>
  paths: Pick<EnginePaths, 'overlay'>
  report(what: string, error: unknown): void
}

interface Held {
  id: string
  layers: string
  cancel(): void
}

export class SpareLease {
  readonly #deps: SpareLeaseDeps
  #held: Held | undefined

  constructor(deps: SpareLeaseDeps) {
    this.#deps = deps
  }

  /**
   * The lease that holds just these layers, if there is one; it is the caller's from now on.
   * @param layers their digests, joined
   */
  take(layers: string): string | undefined {
    const held = this.#held
    if (held?.layers !== layers) return undefined
    held.cancel()
    this.#held = undefined
    return held.id
  }

  /** Takes a lease over; resolves false when there is one already, and the caller must release his. */
  async keep(id: string, layers: string): Promise<boolean> {
    if (this.#held) return false
    this.#hold(id, layers)
    await this.#deps.files.makeDirectory(this.#directory(id))
    return true
  }

  /** Releases it, before anything that may delete layers, and when nobody has taken it. Never rejects. */
  async release(): Promise<void> {
    const held = this.#held
    if (!held) return
    held.cancel()
    this.#held = undefined
    try {
      await this.releaseOf(held.id)
    } catch (error) {
      this.#deps.report('the lease of the layers of a removed container', error)
      if (!this.#held) this.#hold(held.id, held.layers)
    }
  }

  /** Releases a lease that was kept once. */
  async releaseOf(id: string): Promise<void> {
    await this.#deps.content.release(id)
    await this.#deps.files.removeTree(this.#directory(id))
  }

  #hold(id: string, layers: string): void {
    const cancel = this.#deps.clock.after(KEPT, () => void this.release())
    this.#held = { id, layers, cancel }
  }

  #directory(id: string): string {
    return `${this.#deps.paths.overlay}/${id}`
  }
}

/** The store whose calls that may delete layers let go of the spare lease before. */
export function releasingFirst(content: ContentClient, spare: SpareLease): ContentClient {
  const after =
    <Arguments extends unknown[], Result>(call: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      await spare.release()
      return call(...given)
    }
  return {
    ...content,
    collect: after(() => content.collect()),
    remove: after((id) => content.remove(id)),
    untag: after((reference) => content.untag(reference)),
  }
}

/**
 * Prepares network namespaces ahead of need. A new one costs 10–15 ms in the guest, mostly the kernel's own set-up of
 * it, so they are made when the engine is idle. Links that ended containers left are deleted on the same occasion.
 */
import type { NetworkDeps } from './network-deps.ts'
import { deleteLinkSteps, preparePlan } from './plan/sandbox-plan.ts'

export interface PreparedNamespace {
  /** 64 hex digits: Docker's SandboxID; the path has the first 12. */
  sandboxId: string
  path: string
  hostLink: string
}

/** Each namespace holds about 100 KB of kernel memory. Who starts more containers at once does not wait longer than for one. */
const POOL_SIZE = 2

/** For so long nothing has been started or has ended when the engine counts as idle; the commands of a script are closer. */
const IDLE_AFTER_MS = 1000

export class NamespacePool {
  readonly #deps: NetworkDeps
  readonly #ready: PreparedNamespace[] = []
  /** Near ends of links whose container has ended. */
  #left: string[] = []
  #working: Promise<void> | undefined
  /** Something was asked for since the engine was last found idle. */
  #isBusy = false
  #enabled = true

  constructor(deps: NetworkDeps) {
    this.#deps = deps
  }

  /** A prepared namespace; undefined when none is ready, so that the caller makes one itself. */
  take(): PreparedNamespace | undefined {
    const taken = this.#ready.shift()
    this.#isBusy = true
    this.refill()
    return taken
  }

  /** Deletes links once the engine is idle. */
  deleteLater(links: readonly string[]): void {
    if (links.length === 0) return
    this.#left.push(...links)
    this.#isBusy = true
    this.#workLater()
  }

  /** Fills the pool once the engine is idle. */
  refill(): void {
    if (this.#isShort) this.#workLater()
  }

  get #isShort(): boolean {
    return this.#enabled && this.#ready.length < POOL_SIZE
  }

  #workLater(): void {
    this.#working ??= this.#workWhenIdle().then(() => {
      this.#working = undefined
      if (this.#isShort || this.#left.length > 0) this.#workLater()
    })
  }

  async #workWhenIdle(): Promise<void> {
    do {
      this.#isBusy = false
      await new Promise<void>((resolve) => whenIdle(this.#deps, resolve))
    } while (this.#isBusy)
    do await this.#work()
    while (this.#isShort && !this.#isBusy)
  }

  /** Resolves when the pool is full: before a snapshot, and in tests. */
  async filled(): Promise<void> {
    while (this.#isShort) {
      this.refill()
      await this.#working
    }
  }

  /** The pool's namespaces, so that recovery's sweep leaves their links and paths alone. */
  contents(): readonly PreparedNamespace[] {
    return this.#ready
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    const left = this.#left
    this.#left = []
    if (this.#isShort) return this.#prepareOne(left)
    await this.#deps.launcher
      .run({ steps: deleteLinkSteps(left) })
      .catch((error: unknown) => this.#deps.report('links that were not deleted', error))
  }

  async #prepareOne(left: readonly string[]): Promise<void> {
    const sandboxId = this.#deps.randomHex(32)
    const prepared = newNamespace(this.#deps, sandboxId)
    try {
      await this.#deps.launcher.run(preparePlan(prepared.path, prepared.hostLink, left))
      this.#ready.push(prepared)
    } catch (error) {
      // From now on each container makes its own namespace, where a lasting fault reaches the client.
      this.#enabled = false
      this.#deps.report('the pool of network namespaces', error)
    }
  }
}

export function newNamespace(
  deps: Pick<NetworkDeps, 'randomHex' | 'paths'>,
  sandboxId: string,
): PreparedNamespace {
  return {
    sandboxId,
    path: `${deps.paths.netns}/${sandboxId.slice(0, 12)}`,
    hostLink: `veth${deps.randomHex(4).slice(0, 7)}`,
  }
}

function whenIdle(deps: Pick<NetworkDeps, 'whenIdle'>, work: () => void): void {
  if (deps.whenIdle) deps.whenIdle(work)
  else setTimeout(work, IDLE_AFTER_MS).unref()
}

/**
 * Prepares network namespaces ahead of need. A new one costs 10–15 ms in the guest, mostly the kernel's own set-up of
 * it, so they are made when the engine is idle.
 */
import type { NetworkDeps } from './network-deps.ts'
import { preparePlan } from './plan/sandbox-plan.ts'

export interface PreparedNamespace {
  /** 64 hex digits: Docker's SandboxID; the path has the first 12. */
  sandboxId: string
  path: string
  hostLink: string
}

/** The pool suffices for the containers of a compose file; each namespace holds about 100 KB of kernel memory. */
const POOL_SIZE = 4

/** Longer than the answer to the current request and the start of its container take. */
const IDLE_AFTER_MS = 250

export class NamespacePool {
  readonly #deps: NetworkDeps
  readonly #ready: PreparedNamespace[] = []
  #refilling: Promise<void> | undefined
  #enabled = true

  constructor(deps: NetworkDeps) {
    this.#deps = deps
  }

  /** A prepared namespace; undefined when none is ready, so that the caller makes one itself. */
  take(): PreparedNamespace | undefined {
    const taken = this.#ready.shift()
    this.refill()
    return taken
  }

  /** Fills the pool once the engine is idle. */
  refill(): void {
    if (this.#refilling !== undefined || !this.#enabled || this.#ready.length >= POOL_SIZE) return
    this.#refilling = new Promise((resolve) => {
      whenIdle(this.#deps, () => resolve(this.#prepareOne()))
    }).then(() => {
      this.#refilling = undefined
      this.refill()
    })
  }

  /** Resolves when the pool is full: before a snapshot, and in tests. */
  async filled(): Promise<void> {
    while (this.#enabled && this.#ready.length < POOL_SIZE) {
      this.refill()
      await this.#refilling
    }
  }

  /** The pool's namespaces, so that recovery's sweep leaves their links and paths alone. */
  contents(): readonly PreparedNamespace[] {
    return this.#ready
  }

  async #prepareOne(): Promise<void> {
    const sandboxId = this.#deps.randomHex(32)
    const prepared = newNamespace(this.#deps, sandboxId)
    try {
      await this.#deps.launcher.run(preparePlan(prepared.path, prepared.hostLink))
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

export function whenIdle(deps: Pick<NetworkDeps, 'whenIdle'>, work: () => void): void {
  if (deps.whenIdle) deps.whenIdle(work)
  else setTimeout(work, IDLE_AFTER_MS).unref()
}

/**
 * Network namespaces prepared ahead of need. A new one costs 10–15 ms in the guest, mostly the kernel's own set-up of it,
 * so they are made when the engine is idle.
 */
import type { NetworkDeps } from './network-deps.ts'
import { preparePlan } from './plan/sandbox-plan.ts'

export interface PreparedNamespace {
  /** 64 hex digits: Docker's SandboxID; the path has the first 12. */
  sandboxId: string
  path: string
  hostLink: string
}

/** Enough for a compose file's burst; each holds about 100 KB of kernel memory. */
const POOL_SIZE = 4

/** Beyond the answer to the request that is under way, and the start of the container it is for. */
const IDLE_AFTER_MS = 250

export class NamespacePool {
  readonly #deps: NetworkDeps
  readonly #ready: PreparedNamespace[] = []
  #refilling: Promise<void> | undefined
  #enabled = true

  constructor(deps: NetworkDeps) {
    this.#deps = deps
  }

  /** Undefined when none is ready: make one on the way. */
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

  /** Links and paths that belong to the pool, for recovery's sweep. */
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
      // From now on namespaces are made on the way, where a lasting fault reaches who asked for one.
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

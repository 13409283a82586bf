/**
 * A process tree that the engine started: a container's first process, an exec, a terminal of the guest. A task owns its
 * plan, its shim, its cgroup and what its set-up has to take back. It knows plans, shims and the kernel and nothing of
 * Docker: records, restart policies, auto-removal and health follow its `exited`.
 *
 * Whatever happens, `exited` settles: with the exit that the shim tells, or with exit code 255 when the shim was lost.
 */
import { EngineError } from '../../protocol/errors.ts'
import type {
  LauncherClient,
  Shim,
  ShimAttachment,
  ShimExit,
  StepReport,
} from '../host/launcher/launcher-api.ts'
import type { LaunchPlan } from '../plan/plan.ts'
import { SocketLoan } from './socket-loan.ts'
import { UndoStack } from '../../vocabulary/undo-stack.ts'

/** The exit code of a task whose shim is gone without a word, as in containerd. */
export const LOST_EXIT_CODE = 255

/** The parts of the engine that a task needs. */
export interface TaskHost {
  launcher: LauncherClient
  clock: { now(): bigint }
  /** Reports a failure that nobody waits for. */
  report(what: string, error: unknown): void
}

export interface TaskOptions {
  /** What reports call the task, e.g. `container 4f…`. */
  what: string
  /** Absolute path of the cgroup that the task lives in; none for processes of the guest itself. */
  cgroup?: string
  /** Known for a task that this engine launched, unknown for one that it found again. */
  plan?: LaunchPlan
  /** Undoes what the set-up made; `cleanUp` unwinds it. */
  undo?: UndoStack
}

/** kill(2) with this signal sends nothing, and only checks whether the target exists. */
const NO_SIGNAL = 0

export const lostExit = ({ clock }: Pick<TaskHost, 'clock'>): ShimExit => ({
  exitCode: LOST_EXIT_CODE,
  oomKilled: false,
  finishedAt: String(clock.now()),
})

export class Task {
  readonly id: string
  readonly plan: LaunchPlan | undefined
  /** Resolves with the exit. Never rejects. */
  readonly exited: Promise<ShimExit>
  readonly #host: TaskHost
  readonly #shim: Shim
  readonly #what: string
  readonly #cgroup: string | undefined
  readonly #undo: UndoStack
  #loans = 0
  #isOver = false

  constructor(host: TaskHost, shim: Shim, { what, cgroup, plan, undo = new UndoStack() }: TaskOptions) {
    this.id = shim.id
    this.plan = plan
    this.#host = host
    this.#shim = shim
    this.#what = what
    this.#cgroup = cgroup
    this.#undo = undo
    this.exited = shim.exited.catch((error: unknown) => {
      host.report(`the shim of ${what} was lost`, error)
      return lostExit(host)
    })
  }

  /** pid in the guest's PID namespace and start time in clock ticks (field 22 of /proc/pid/stat). */
  get identity(): { pid: number; startTime: number } {
    return this.#shim.identity
  }

  /** The kernel's answer to each step of the plan. */
  get report(): readonly StepReport[] {
    return this.#shim.report
  }

  /** Rejects `conflict` when the process has ended. */
  attach(options: { stdin: boolean }): Promise<ShimAttachment> {
    return this.#shim.attach(options)
  }

  /**
   * Lends the shim's own socket to a client that attaches by it. The engine keeps its connection, and with it the output that
   * waits for this client, until the loan has been served.
   */
  lendSocket(): SocketLoan {
    this.#loans += 1
    return new SocketLoan(this.#shim, {
      report: (error) => this.#host.report(`the attachment of a client of ${this.#what}`, error),
      returned: () => {
        this.#loans -= 1
        if (this.#loans === 0 && this.#isOver) this.#shim.release()
      },
    })
  }

  /** Rejects `conflict` when the process has ended. */
  signal(signal: number): Promise<void> {
    return this.#shim.signal(signal)
  }

  /** Like `signal`, for a caller who wants the end of a task that may have ended already. */
  async signalUnlessEnded(signal: number): Promise<void> {
    try {
      await this.#shim.signal(signal)
    } catch (error) {
      if (EngineError.from(error).code !== 'conflict') throw error
    }
  }

  resize(size: { columns: number; rows: number }): Promise<void> {
    return this.#shim.resize(size)
  }

  onDnsQuery(handler: (query: Uint8Array) => Promise<Uint8Array>): void {
    this.#shim.onDnsQuery(handler)
  }

  /** Asks the kernel, through the shim, whether the process has ended. */
  async hasEnded(): Promise<boolean> {
    try {
      await this.#shim.signal(NO_SIGNAL)
      return false
    } catch (error) {
      if (EngineError.from(error).code !== 'conflict') throw error
      return true
    }
  }

  /**
   * Runs an action that needs the living task, and resolves with its result; resolves with `'ended'` when it failed because
   * the task ended in the same moment. Every action on a task's cgroup, namespaces or /proc files goes through here: what
   * the kernel answers about a thing that is gone is no failure of the engine.
   */
  async whileAlive<Result>(action: () => Promise<Result>): Promise<Result | 'ended'> {
    try {
      return await action()
    } catch (error) {
      if (await this.hasEnded()) return 'ended'
      throw error
    }
  }

  /**
   * Resolves when the kernel says that every process of the cgroup is frozen, or thawed (cgroup-v2.rst, cgroup.freeze). A
   * task that cannot be frozen for certain is thawed: it may be frozen although the launcher could not say so.
   */
  async freeze(frozen: boolean): Promise<'done' | 'ended'> {
    return this.whileAlive(async () => {
      try {
        await this.#setFrozen(frozen)
      } catch (error) {
        if (frozen) await this.#thaw()
        throw error
      }
      return 'done' as const
    })
  }

  async #setFrozen(frozen: boolean): Promise<void> {
    const path = this.#cgroup
    if (path === undefined) throw new EngineError('internal', `${this.#what} has no cgroup of its own`)
    await this.#host.launcher.run({ steps: [{ op: 'cgroup-freeze', path, frozen }] })
  }

  /** Thaws the cgroup, and reports a failure. Never rejects. */
  async #thaw(): Promise<void> {
    try {
      await this.whileAlive(() => this.#setFrozen(false))
    } catch (error) {
      this.#host.report(`${this.#what}, which may stay frozen`, error)
    }
  }

  /**
   * Cleans up after the end: closes the shim's connection and undoes what the set-up made. Never rejects, because
   * whoever waits for the end must not wait for ever when something could not be cleaned up. Failures are reported, and
   * tried again when the undo stack is unwound the next time.
   */
  async cleanUp(): Promise<void> {
    this.#isOver = true
    if (this.#loans === 0) this.#shim.release()
    for (const failure of await this.#undo.unwind())
      this.#host.report(`the clean-up after ${this.#what}`, failure)
  }

  /** Removes the exit record that the shim left, once the end is known for good. Never rejects. */
  async forget(): Promise<void> {
    try {
      await this.#host.launcher.forget(this.id)
    } catch (error) {
      this.#host.report(`the exit record of ${this.#what}`, error)
    }
  }

  /** Closes the engine's connection to the shim; the process and its shim live on. */
  release(): void {
    this.#shim.release()
  }
}

/** Launches a plan. Rejects as `LauncherClient.launch` does, after everything on the undo stack was undone. */
export async function launchTask(
  host: TaskHost,
  plan: LaunchPlan,
  options: Omit<TaskOptions, 'plan'>,
): Promise<Task> {
  try {
    return new Task(host, await host.launcher.launch(plan), { ...options, plan })
  } catch (error) {
    for (const failure of (await options.undo?.unwind()) ?? [])
      host.report(`the clean-up after ${options.what} failed to start`, failure)
    throw error
  }
}

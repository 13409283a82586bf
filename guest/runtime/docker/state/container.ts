/** A container while the engine runs: its record, its task, and who waits for it. */
import type { ContainerWaitResponse } from '../../../protocol/api/engine-api.ts'
import type { Deferred } from '../../../protocol/wire/deferred.ts'
import {
  hasProcess,
  nextState,
  type ContainerAction,
  type ContainerStateName,
} from '../../../protocol/states/container-states.ts'
import type { ShimAttachment, StepReport } from '../../host/launcher/launcher-api.ts'
import type { Task } from '../../task/task.ts'
import { UndoStack } from '../../../vocabulary/undo-stack.ts'
import type { LaunchPlan } from '../../plan/plan.ts'
import type { OciSpec } from '../../oci/spec.ts'
import type { ContainerRecord } from './container-record.ts'
import { Mutex } from '../../../vocabulary/mutex.ts'
import { Waiters } from '../../../vocabulary/waiters.ts'

export const WAIT_CONDITIONS = ['not-running', 'next-exit', 'removed'] as const
export type WaitCondition = (typeof WAIT_CONDITIONS)[number]

/** An attachment that was asked for before there was a process. */
export interface PendingAttachment {
  stdin: boolean
  /** Resolves with nothing when no process comes: the start that failed, or the removal, tells why. */
  attachment: Deferred<ShimAttachment | undefined>
}

export class Container {
  record: ContainerRecord
  readonly lock = new Mutex()
  /** Its first process and what came of it, from the start to the clean-up after the exit. */
  task: Task | undefined
  /** What its start has set up outside the task's own plan: network sandbox, shared memory. */
  readonly undo = new UndoStack()
  /** Of the running process; gone after an engine restart. */
  spec: OciSpec | undefined
  plan: LaunchPlan | undefined
  /** What the kernel answered to the last start, failed ones included. */
  report: readonly StepReport[] = []
  readonly pending = new Set<PendingAttachment>()
  readonly execIds = new Set<string>()
  /** The content store's promise to keep its layers: see layer-lease.ts. */
  leased: Promise<void> | undefined
  /** Calls a scheduled restart off. */
  cancelRestart: (() => void) | undefined
  /** Back-off before the next automatic restart, milliseconds; 0: none yet. */
  restartDelay = 0
  /**
   * The restart policy rests until the next start: `stop`, or `kill` with the signal that ends it (moby,
   * container.ExitOnNext). Another thing than the record's `manuallyStopped`, which any `kill` sets.
   */
  restartCancelled = false
  /** `docker restart` is between its stop and its start: no auto-remove, no restart policy. */
  beingRestarted = false
  /** A removal has been asked for and is not over: no second one, and no start once its process has ended. */
  beingRemoved = false
  stopHealthMonitor: (() => void) | undefined
  /** Those who wait for its end, and for its removal. */
  readonly exits = new Waiters<ContainerWaitResponse>()
  readonly removals = new Waiters<ContainerWaitResponse>()
  #removed = false

  constructor(record: ContainerRecord) {
    this.record = record
  }

  get id(): string {
    return this.record.id
  }

  /** Without the leading slash. */
  get plainName(): string {
    return this.record.name.slice(1)
  }

  /** Docker's `State.Running`: a restarting container counts. */
  get isRunning(): boolean {
    return hasProcess(this.record.state.status) || this.record.state.status === 'restarting'
  }

  /** As Docker tells it (container/state.go, StateString): a removal shows only once nothing runs any more. */
  get status(): ContainerStateName {
    return this.beingRemoved && !this.isRunning ? 'removing' : this.record.state.status
  }

  /** Removed, or half so: it has given up its files. */
  get isLeaving(): boolean {
    return this.status === 'removing' || this.status === 'dead'
  }

  /** What a removal in progress refuses is refused at once: it does not wait for the lock that the removal holds. */
  checkLeaving(action: ContainerAction): void {
    if (this.isLeaving) nextState(this.view, action)
  }

  /** For the state table. */
  get view() {
    return this.calledBy(this.plainName)
  }

  /** As `view`, for a client that called it by `name`: an id, its beginning, or its name. */
  calledBy(name: string) {
    return { id: this.id, name, state: this.status }
  }

  /**
   * The result of the wait API; at once when the condition holds already.
   * @param signal of a caller who may give up: rejects with its reason
   */
  async wait(condition: WaitCondition, signal?: AbortSignal): Promise<ContainerWaitResponse> {
    if (condition === 'removed') {
      // Docker counts a removal that failed as one that is over.
      const over = this.#removed || this.status === 'dead'
      return over ? this.#result() : this.removals.next(signal)
    }
    if (condition === 'not-running' && !this.isRunning) return this.#result()
    return this.exits.next(signal)
  }

  /** Those who wait for its start learn that none comes. */
  endPending(): void {
    for (const { attachment } of this.pending) attachment.resolve(undefined)
    this.pending.clear()
  }

  /** Wakes `not-running` and `next-exit`. Call it after the state was saved. */
  announceExit(): void {
    this.exits.wake(this.#result())
  }

  /** Wakes everyone: a container may be removed that never ran. */
  announceRemoval(): void {
    // What went wrong with it before is no error of its removal.
    this.record.state.error = ''
    this.endPending()
    this.announceExit()
    this.#removed = true
    this.removals.wake(this.#result())
  }

  /** Its removal failed, and it is dead: whoever waited for the removal is told why. */
  announceRemovalFailure(): void {
    this.removals.wake(this.#result())
    this.announceExit()
  }

  #result(): ContainerWaitResponse {
    const { exitCode, error } = this.record.state
    return { StatusCode: exitCode, ...(error && { Error: { Message: error } }) }
  }
}

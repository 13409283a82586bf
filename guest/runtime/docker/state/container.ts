/** A container while the engine runs: its record, its task, and the clients that wait for it. */
import type { ContainerWaitResponse } from '../../../protocol/api/engine-api.ts'
import {
  hasProcess,
  nextState,
  type ContainerAction,
  type ContainerStateName,
} from '../../../protocol/states/container-states.ts'
import type { StepReport } from '../../host/launcher/launcher-api.ts'
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
  /** Gives the client its attachment; with undefined when no process comes: the failed start, or the removal, tells why. */
  settle(task: Task | undefined): Promise<void>
}

export class Container {
  record: ContainerRecord
  readonly lock = new Mutex()
  /** The first process and what came of it, from the start to the clean-up after the exit. */
  task: Task | undefined
  /** Undoes what the start has set up outside the task's own plan: network sandbox, shared memory. */
  readonly undo = new UndoStack()
  /** The shim itself has undone, at the process's end, the part of the last start that was in its plan. */
  cleanedUp = false
  /** The configuration of the running process; undefined after an engine restart, until it is asked for. */
  spec: OciSpec | undefined
  plan: LaunchPlan | undefined
  /** The kernel's answers to the last start, also to a failed one. */
  report: () => readonly StepReport[] = () => []
  readonly pending = new Set<PendingAttachment>()
  readonly execIds = new Set<string>()
  /** The content store's promise to keep its layers: see layer-lease.ts. */
  leased: Promise<void> | undefined
  /** The lease of its layers, from the first attempt to make one; its own id, or that of a removed container. */
  leaseId: string | undefined
  /** Cancels a write of its record that has time. */
  cancelRecord: (() => void) | undefined
  /** Cancels a scheduled restart. */
  cancelRestart: (() => void) | undefined
  /** Milliseconds before the next automatic restart; 0 when there was none yet. */
  restartDelay = 0
  /**
   * The restart policy is suspended until the next start: by `stop`, or by `kill` with the signal that ends the
   * container (moby, container.ExitOnNext). This differs from the record's `manuallyStopped`, which any `kill` sets.
   */
  restartCancelled = false
  /** `docker restart` is between its stop and its start, so neither auto-remove nor the restart policy applies. */
  beingRestarted = false
  /** A removal has been asked for and is not over, so no second one begins, nor a start once the process has ended. */
  beingRemoved = false
  stopHealthMonitor: (() => void) | undefined
  /** Clients that wait for the container's end; `removals` has those that wait for its removal. */
  readonly exits = new Waiters<ContainerWaitResponse>()
  readonly removals = new Waiters<ContainerWaitResponse>()
  #removed = false

  constructor(record: ContainerRecord) {
    this.record = record
  }

  get id(): string {
    return this.record.id
  }

  /** The name without its leading slash. */
  get plainName(): string {
    return this.record.name.slice(1)
  }

  /** Docker's `State.Running`, in which a restarting container counts as running. */
  get isRunning(): boolean {
    return hasProcess(this.record.state.status) || this.record.state.status === 'restarting'
  }

  /** The state as Docker shows it (container/state.go, StateString): a removal shows only once nothing runs any more. */
  get status(): ContainerStateName {
    return this.beingRemoved && !this.isRunning ? 'removing' : this.record.state.status
  }

  /** A removal has given up the container's files. */
  get isLeaving(): boolean {
    return this.status === 'removing' || this.status === 'dead'
  }

  /** Refuses at once what a removal in progress forbids, without waiting for the lock that the removal holds. */
  checkLeaving(action: ContainerAction): void {
    if (this.isLeaving) nextState(this.view, action)
  }

  /** The container as the state table takes it. */
  get view() {
    return this.calledBy(this.plainName)
  }

  /** Like `view`, for a client that called the container by `name`: its id, the beginning of its id, or its name. */
  calledBy(name: string) {
    return { id: this.id, name, state: this.status }
  }

  /**
   * Resolves with the result of the wait API, at once when the condition holds already.
   * @param signal of a caller who may give up; the promise then rejects with its reason
   */
  async wait(condition: WaitCondition, signal?: AbortSignal): Promise<ContainerWaitResponse> {
    if (condition === 'removed') {
      // Docker counts a failed removal as one that is over.
      const over = this.#removed || this.status === 'dead'
      return over ? this.#result() : this.removals.next(signal)
    }
    if (condition === 'not-running' && !this.isRunning) return this.#result()
    return this.exits.next(signal)
  }

  /** Tells those who wait for the start that none comes. */
  endPending(): void {
    for (const pending of this.pending) void pending.settle(undefined)
    this.pending.clear()
  }

  /** Wakes `not-running` and `next-exit`. Call it after the state was saved. */
  announceExit(): void {
    this.exits.wake(this.#result())
  }

  /** Wakes everyone, because a container may be removed that never ran. */
  announceRemoval(): void {
    // An earlier error of the container is no error of its removal.
    this.record.state.error = ''
    this.endPending()
    this.announceExit()
    this.#removed = true
    this.removals.wake(this.#result())
  }

  /** Tells those who waited for the removal why it failed. The container is dead then. */
  announceRemovalFailure(): void {
    this.removals.wake(this.#result())
    this.announceExit()
  }

  #result(): ContainerWaitResponse {
    const { exitCode, error } = this.record.state
    return { StatusCode: exitCode, ...(error && { Error: { Message: error } }) }
  }
}

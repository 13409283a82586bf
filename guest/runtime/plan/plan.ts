/**
 * Plans: what the launcher executes, as data. `guest/native/launcher/ops.json` is the op table; encode-plan.ts the wire form.
 *
 * A launch plan's `shim` list is the whole life of the container's parent: set-up, `clone`, `await-exec`, `await-exit`,
 * clean-up. The steps after `await-exit` run whatever failed before, so they are at once the end of a normal life and the
 * undo of a failed start. The `init` list runs in the cloned child and ends with `execute`.
 */
import type { ErrnoName } from './errno.ts'
import type { Op } from './ops.generated.ts'

export type { Op, OpName } from './ops.generated.ts'
export { SLOT, type Slot } from './slot.ts'

/** An op. A step that fails with the errno `tolerate` (or any errno) reports it and does not stop the plan. */
export type Step = Op & { tolerate?: ErrnoName | 'any' }

/** Steps that stand in many plans; each is encoded once. */
export const constantSteps = (steps: readonly Step[]): readonly Step[] =>
  Object.freeze(steps.map((step) => Object.freeze(step)))

/** A plan that starts no process. Runs in a forked child of `launcher serve`: setns and unshare affect nothing else. */
export interface HostPlan {
  steps: readonly Step[]
  /**
   * The launcher runs these when a step failed and ignores their failures; they must cope with set-up that never
   * happened.
   */
  undo?: readonly Step[]
}

export interface PlanIo {
  /** A pty (`open-pty` in the init list), else pipes (`stdio`). */
  terminal: boolean
  /** Whether stdin is open; otherwise it is /dev/null (pipes) or never written (pty). */
  stdin: boolean
  /** Docker's StdinOnce: stdin ends when the attachment that had it goes. */
  stdinOnce: boolean
  /**
   * Output waits in its pipes for so many attachments (or the loss of the launching connection), so that none of it is
   * missed; true is one.
   */
  holdOutput: boolean | number
}

export interface LaunchPlan {
  /** Container or exec id: 1–64 characters of [a-zA-Z0-9_.-]. */
  id: string
  shim: readonly Step[]
  init: readonly Step[]
  io: PlanIo
  /** Where the shim listens for the engine; the directory exists. */
  socketPath: string
  /** Where the exit record is left (JSON, ShimExit plus pid and startTime), renamed into place. */
  exitPath: string
  /** Log in the CRI format (`<RFC 3339 nanoseconds> stdout F line`); none when absent. */
  logPath?: string
  /** The log is renamed to `<logPath>.1` when it grows beyond this; 0 or absent: never. */
  logMaxBytes?: number
  /** memory.events of the container's cgroup: its `oom_kill` tells an OOM kill from another SIGKILL. */
  memoryEventsPath?: string
}

/** The input and output of a process, from a compiler's options; whatever is not asked for is off. */
export const planIo = (
  terminal: boolean,
  { stdin = false, stdinOnce = false, holdOutput = false }: Partial<Omit<PlanIo, 'terminal'>>,
): PlanIo => ({ terminal, stdin, stdinOnce, holdOutput })

/**
 * How the engine's services reach `launcher serve`: the seam between pure plans and the kernel.
 * Implemented by launcher-client.ts (unix socket) and by a recording fake for unit tests (launcher-fake.ts).
 */
import type { HostPlan, LaunchPlan } from '../../plan/plan.ts'

/** One executed step of a plan, as the kernel answered it. */
export interface StepReport {
  /** Index in the plan's list for that role. */
  step: number
  role: 'shim' | 'init'
  /** Name from the op table. */
  op: string
  /** The syscall's result, or -errno. */
  result: number
  /** CLOCK_MONOTONIC duration. */
  nanoseconds: number
  /** Answers of a `netlink` step with `collect`. */
  data?: Uint8Array
}

export interface ShimExit {
  /** As the shell has it: exit status, or 128 + signal. */
  exitCode: number
  signal?: number
  /** memory.events:oom_kill of the container's cgroup grew while it lived. */
  oomKilled: boolean
  /** Nanoseconds since the epoch, as a decimal string. */
  finishedAt: string
  /** The plan's steps after `await-exit` have taken down what those before it had set up. */
  cleanedUp?: boolean
}

export interface ShimOutput {
  stream: 'stdout' | 'stderr'
  bytes: Uint8Array
}

export interface ShimAttachment {
  /** Live output from the moment of attaching; ends when the process's outputs are closed. Unread output stops the process's writes. */
  output: AsyncIterable<ShimOutput>
  write(bytes: Uint8Array): Promise<void>
  closeStdin(): Promise<void>
  detach(): void
}

/** The parent of one process the engine started: a container's first process, an exec, a terminal of the guest. */
export interface Shim {
  readonly id: string
  /** pid in the guest's own PID namespace and start time (clock ticks, field 22 of /proc/pid/stat). */
  readonly identity: { pid: number; startTime: number }
  readonly report: readonly StepReport[]
  /** Where it listens for attachments. */
  readonly socketPath: string
  /** Lets a process that was created with `waitForStart` execute. */
  start(): Promise<void>
  attach(options: { stdin: boolean }): Promise<ShimAttachment>
  /** Answers DNS messages that processes sent to the container's 127.0.0.11:53; one handler at a time. */
  onDnsQuery(handler: (query: Uint8Array) => Promise<Uint8Array>): void
  resize(size: { columns: number; rows: number }): Promise<void>
  /** kill(2) by the shim, so that a reused pid is never hit. Rejects `conflict` when the process has ended. */
  signal(signal: number): Promise<void>
  /** Resolves with the exit, also when it happened before the engine reconnected; rejects `unavailable` if the shim itself was lost. */
  readonly exited: Promise<ShimExit>
  /** Closes the engine's connection only; the process and its shim live on. */
  release(): void
}

/** A host plan with a step that moves bytes: `tar-pack`, `tar-unpack`, `send-file`. */
export interface PlanStream {
  /** The reports of the steps before the first output; of all steps once the output has ended. */
  readonly reports: () => readonly StepReport[]
  /**
   * Rejects as `run` does when the plan fails. Unread output stops the plan; leaving the loop ends it. It can be read
   * once. That of an archive's step can be piped (`PipedBytes`).
   */
  readonly output: AsyncIterable<Uint8Array>
}

export interface LauncherClient {
  /** Executes a plan that starts no process: mounts, cgroups, namespaces, netlink. Rejects EngineError with details {step, op, errno}. */
  run(plan: HostPlan): Promise<void>
  /** Executes a plan as `run` does, and resolves with the kernel's answer to each step. */
  ask(plan: HostPlan): Promise<StepReport[]>
  /**
   * Executes a plan that moves bytes, as `run` does; resolves when there is output, or at the plan's end when it has none.
   * An input that can be piped goes to the plan past the engine. The details of a failure also have `path`, the file or
   * member it failed on, where there is one.
   */
  stream(plan: HostPlan, input?: AsyncIterable<Uint8Array>): Promise<PlanStream>
  /** Resolves when the process has executed (or waits for `start`). Rejects with details {step, role, op, errno}; nothing is left behind. */
  launch(plan: LaunchPlan): Promise<Shim>
  /** Finds a shim again after an engine restart; undefined when there is neither a shim nor an exit record. */
  reconnect(id: string): Promise<Shim | undefined>
  /** Removes the exit record that the shim of `id` left; missing is success. A launch with the same id does so too. */
  forget(id: string): Promise<void>
}

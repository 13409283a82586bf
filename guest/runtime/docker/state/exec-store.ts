/**
 * Processes beside a container's first one, and those of the guest itself. They are kept in memory alone, as Docker
 * forgets execs, too.
 */
import { EngineError } from '../../../protocol/errors.ts'
import { deferred } from '../../../protocol/wire/deferred.ts'
import type { Task } from '../../task/task.ts'

export interface ExecSettings {
  /** Empty for a process of the guest itself. */
  containerId: string
  command: string[]
  env: string[]
  tty: boolean
  stdin: boolean
  stdout: boolean
  stderr: boolean
  privileged: boolean
  user: string
  workingDir: string
  detachKeys: string
  consoleSize: { rows: number; columns: number } | undefined
}

export class Exec {
  readonly id: string
  readonly settings: ExecSettings
  task: Task | undefined
  running = false
  /** null before the end. */
  exitCode: number | null = null
  /** Resolves when the process is there, or never will be. */
  readonly launched = deferred<void>()
  /** Resolves with the exit code, also when the start failed. */
  readonly ended = deferred<number>()
  /** Cancels the removal of the exec from the store. */
  cancelForget: (() => void) | undefined

  constructor(id: string, settings: ExecSettings) {
    this.id = id
    this.settings = settings
  }
}

export class ExecStore {
  readonly #execs = new Map<string, Exec>()

  add(exec: Exec): void {
    this.#execs.set(exec.id, exec)
  }

  find(id: string): Exec {
    const exec = this.#execs.get(id)
    if (!exec) throw new EngineError('not-found', `No such exec instance: ${id}`, { exec: id })
    return exec
  }

  remove(id: string): void {
    this.#execs.get(id)?.cancelForget?.()
    this.#execs.delete(id)
  }

  /** The execs of a container, started or not. */
  of(containerId: string): Exec[] {
    return [...this.#execs.values()].filter(({ settings }) => settings.containerId === containerId)
  }

  isRunning(id: string): boolean {
    return this.#execs.get(id)?.running ?? false
  }

  get size(): number {
    return this.#execs.size
  }
}

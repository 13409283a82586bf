/** The machine as lessons need it: its engine's API, and processes beside the learner's terminals. */
import type { EngineTransport } from '../../../../guest/protocol/api/engine-transport.ts'
import { EngineApi } from '../../../../guest/vocabulary/engine-client/engine-api.ts'
import { collectExec, type ExecResult } from '../../client/exec-process.ts'

export interface RunOptions {
  /** Read only when given, to its end. */
  stdin?: AsyncIterable<Uint8Array>
  /** The container in which it runs; the guest itself by default. */
  container?: string
  /** Ends the program, which is killed then. */
  signal?: AbortSignal
}

export interface LessonGuest {
  readonly api: EngineApi
  /** Runs a program as root, never in a learner's terminal. Rejects when it cannot be started or prints without end. */
  run(command: string[], options?: RunOptions): Promise<ExecResult>
}

/** Bytes that a process may print; what checks read is smaller. */
const MAX_OUTPUT = 8 << 20

/** A guest over any transport: of the page, of a headless machine. */
export function lessonGuest(transport: EngineTransport): LessonGuest {
  return {
    api: new EngineApi(transport),
    run: (command, options) => collectExec(transport, command, { limit: MAX_OUTPUT, ...options }),
  }
}

import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import type { EngineError } from '../../../guest/protocol/errors.ts'
import type { MachineApi } from '../worker/machine-api.ts'

/**
 * A running worker as the page holds it. Every call of `api` and every stream rejects once the worker is dead.
 * `main.ts` makes one with web/src/worker/connect-machine.ts; tests make one in memory.
 */
export interface MachineHandle {
  api: Pick<
    MachineApi,
    'boot' | 'prefetch' | 'surveyOffline' | 'checkOffline' | 'fetchRelease' | 'stats' | 'pause' | 'resume'
  >
  openStream(open: StreamOpen): Promise<ByteStream>
  /** Resolves with the reason when the worker has died. */
  readonly dead: Promise<EngineError>
  terminate(): void
}

export type ConnectMachine = () => MachineHandle

/** The parts of the guest that a command line needs: its engine, its files, its clock. */
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import type { EngineTransport } from '../../../protocol/api/engine-transport.ts'
import type { CliFiles } from '../../host/files/cli-file-access.ts'

export interface CliServices {
  transport: EngineTransport
  files: CliFiles
  /** Connects to the engine's socket. */
  dial: () => Promise<ByteStream>
  now: () => number
}

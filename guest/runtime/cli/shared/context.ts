/** The context of a handler: the parsed command line, the caller, the engine, and the guest's files. */
import type { CliFiles } from '../../host/files/cli-file-access.ts'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import type { EngineApi } from '../../../vocabulary/engine-client/engine-api.ts'
import type { TypesOf } from './flag-spec.ts'
import type { ParsedFlags } from './parse-flags.ts'
import type { CliSession } from './session.ts'

/** The part of a handler's context that does not depend on its command line. */
export interface CliEnvironment {
  session: CliSession
  api: EngineApi
  files: CliFiles
  /** Opens a connection of its own to the engine's socket, for raw HTTP. */
  dial: () => Promise<ByteStream>
  /** Milliseconds since the epoch. */
  now: () => number
}

/** The flags of a handler that reads none. */
export type NoFlags = TypesOf<readonly []>

/** @typeParam Types the flags that are read, name → type; see `TypesOf` */
export interface CliContext<Types = NoFlags> extends CliEnvironment {
  flags: ParsedFlags<Types>
  args: string[]
}

/** Resolves a path relative to the caller's directory, not the engine's. */
export function resolvePath(context: { session: CliSession }, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${context.session.cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

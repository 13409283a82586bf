/** Conditions about a file or a script of a container: files by Docker's archives, which a stopped container has too. */
import { EngineError, ifKnown } from '../../../../guest/protocol/errors.ts'
import type { EngineApi } from '../../../../guest/vocabulary/engine-client/engine-api.ts'
import type { TarMemberType } from '../../../../guest/vocabulary/tar/member.ts'
import { readTar } from '../../../../guest/vocabulary/tar/read-tar.ts'
import type { Condition, Thing } from '../format/check.ts'
import { MAX_LOOKED_AT, permissions, type FileType } from './guest-probes.ts'
import type { LessonGuest } from './lesson-guest.ts'

/** Milliseconds; a script that hangs must not hold up the lesson, and is killed. */
const PATIENCE = 15_000
/** The status that timeout(1) has for a command that took too long. */
const TIMED_OUT = 124

const TYPES: Record<TarMemberType, FileType> = {
  file: 'file',
  hardlink: 'file',
  symlink: 'link',
  character: 'char',
  block: 'block',
  directory: 'directory',
  fifo: 'fifo',
}

/** Undefined when the container or the thing is not there, or the container cannot run the script. */
export async function probeContainer(
  guest: LessonGuest,
  { kind, query }: Condition,
): Promise<Thing | undefined> {
  const container = query.in!
  if (kind === 'file') return ifKnown(fileIn(guest.api, container, query.path!))
  const signal = AbortSignal.timeout(PATIENCE)
  try {
    const command = ['/bin/sh', '-c', query.run!]
    const { code, stdout, stderr } = await guest.run(command, { container, signal })
    return { status: code, output: (stdout + stderr).slice(0, MAX_LOOKED_AT) }
  } catch (thrown) {
    if (signal.aborted) return { status: TIMED_OUT, output: '' }
    const error = EngineError.from(thrown)
    // A container that does not run is no fault of the machine.
    if (error.code === 'not-found' || error.code === 'conflict') return undefined
    throw error
  }
}

async function fileIn(api: EngineApi, container: string, path: string): Promise<Thing> {
  const call = `/containers/${encodeURIComponent(container)}/archive`
  const { body } = await api.send('GET', call, { query: { path } })
  // The first member is the file itself, or the folder without what is in it; the rest is not fetched.
  for await (const { type, mode, size, uid, gid, link, content } of readTar(body)) {
    const text = type === 'symlink' ? link : await beginning(content())
    return { type: TYPES[type], mode: permissions(mode), size, uid, gid, text }
  }
  throw new EngineError('corrupt', `the archive of ${path} in ${container} is empty`)
}

async function beginning(content: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of content) {
    text += decoder.decode(bytes, { stream: true })
    if (text.length >= MAX_LOOKED_AT) break
  }
  return text.slice(0, MAX_LOOKED_AT)
}

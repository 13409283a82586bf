/** Reads a container's log file: from the start or the last lines, and on as it grows, over a rotation. */
import type { Files } from '../host/files/files.ts'
import { LineSplitter, parseLogLine, type LogRecord } from './log-parser.ts'

const BLOCK = 64 * 1024
const NEWLINE = 10

export interface LogQuery {
  /** Records from the end; undefined: all. */
  tail?: number
  /** Goes on until this resolves, then reads what is left. */
  until?: Promise<unknown>
  signal?: AbortSignal
}

/** Offset at which the last `count` lines of the file begin. */
async function tailOffset(
  files: Files,
  path: string,
  count: number,
): Promise<{ offset: number; missing: number }> {
  let missing = count
  if (!(await files.exists(path))) return { offset: 0, missing }
  const { size } = await files.stat(path)
  if (count === 0) return { offset: size, missing: 0 }
  let newlines = 0
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - BLOCK)
    const block = await files.readRange(path, start, end - start)
    for (let at = block.length - 1; at >= 0; at--) {
      // The newline that ends the last line begins none.
      if (block[at] !== NEWLINE || start + at === size - 1) continue
      if (++newlines === count) return { offset: start + at + 1, missing: 0 }
    }
    end = start
  }
  missing = count - (size > 0 ? newlines + 1 : 0)
  return { offset: 0, missing: Math.max(0, missing) }
}

async function* records(files: Files, path: string, from: number, splitter: LineSplitter) {
  let offset = from
  for (;;) {
    const block = await files.readRange(path, offset, BLOCK)
    offset += block.length
    for (const line of splitter.next(block)) yield parseLogLine(line)
    if (block.length < BLOCK) return offset
  }
}

/** Calls that come between two waits are not lost. */
class Bell {
  #rung = false
  #wake = () => {}

  readonly ring = (): void => {
    this.#rung = true
    this.#wake()
  }

  async wait(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#rung = false
  }
}

/** Records of the log in order. A log that does not exist is empty. */
export async function* readLog(files: Files, path: string, query: LogQuery): AsyncGenerator<LogRecord> {
  const rotated = `${path}.1`
  const splitter = new LineSplitter()
  let offset = 0
  if (query.tail === undefined) {
    if (await files.exists(rotated)) yield* records(files, rotated, 0, splitter)
  } else {
    const tail = await tailOffset(files, path, query.tail)
    offset = tail.offset
    if (tail.missing > 0 && (await files.exists(rotated))) {
      const older = await tailOffset(files, rotated, tail.missing)
      yield* records(files, rotated, older.offset, splitter)
    }
  }
  if (!(await files.exists(path))) return
  let { inode } = await files.stat(path)
  offset = yield* records(files, path, offset, splitter)
  if (query.until) yield* follow()

  async function* follow(): AsyncGenerator<LogRecord> {
    const bell = new Bell()
    let over = false
    const end = () => {
      over = true
      bell.ring()
    }
    query.until!.then(end, end)
    query.signal?.addEventListener('abort', end)
    let stop = files.watch(path, bell.ring)
    try {
      for (;;) {
        if (query.signal?.aborted) return
        const last = over
        const current = (await files.exists(path)) ? (await files.stat(path)).inode : inode
        if (current !== inode) {
          // Renamed under us: the rest of the old file, then the new one from its start.
          if (await files.exists(rotated)) yield* records(files, rotated, offset, splitter)
          stop()
          stop = files.watch(path, bell.ring)
          inode = current
          offset = 0
        }
        offset = yield* records(files, path, offset, splitter)
        if (last) return
        if (!over) await bell.wait()
      }
    } finally {
      stop()
      query.signal?.removeEventListener('abort', end)
    }
  }
}

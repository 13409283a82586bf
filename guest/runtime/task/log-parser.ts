/**
 * The shim's log in the CRI format, a record a line: `<RFC 3339 time> stdout|stderr F|P <text>`; P marks a line that goes on
 * in the next record. https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */
import { concatBytes } from '../../vocabulary/concat-bytes.ts'
import { EngineError } from '../../protocol/errors.ts'
import type { OutputStream } from '../../vocabulary/stdcopy.ts'

export interface LogRecord {
  /** As it stands in the log. */
  time: string
  stream: OutputStream
  /** With its newline, unless the line goes on. */
  text: Uint8Array
}

const NEWLINE = 10
const SPACE = 32
const decoder = new TextDecoder()

/** `line` is without its newline. Throws `corrupt` on a line that is no record. */
export function parseLogLine(line: Uint8Array): LogRecord {
  const first = line.indexOf(SPACE)
  const second = line.indexOf(SPACE, first + 1)
  const third = line.indexOf(SPACE, second + 1)
  if (first < 0 || second < 0 || third < 0) throw corrupt(line)
  const stream = decoder.decode(line.subarray(first + 1, second))
  const tag = decoder.decode(line.subarray(second + 1, third))
  if ((stream !== 'stdout' && stream !== 'stderr') || (tag !== 'F' && tag !== 'P')) throw corrupt(line)
  const text = line.subarray(third + 1)
  return {
    time: decoder.decode(line.subarray(0, first)),
    stream,
    text: tag === 'F' ? withNewline(text) : text,
  }
}

function withNewline(text: Uint8Array): Uint8Array {
  const line = new Uint8Array(text.length + 1)
  line.set(text)
  line[text.length] = NEWLINE
  return line
}

function corrupt(line: Uint8Array): EngineError {
  const start = decoder.decode(line.subarray(0, 80))
  return new EngineError('corrupt', `the log has a line that is no record: ${JSON.stringify(start)}`)
}

/** Cuts bytes that arrive in chunks into lines; what has no newline yet waits. */
export class LineSplitter {
  #rest: Uint8Array = new Uint8Array()

  next(chunk: Uint8Array): Uint8Array[] {
    const bytes = this.#rest.length === 0 ? chunk : concatBytes([this.#rest, chunk])
    const lines: Uint8Array[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      lines.push(bytes.subarray(start, end))
      start = end + 1
    }
    this.#rest = bytes.slice(start)
    return lines
  }
}

/** Calls of the page that frames the lab. Nothing of what it sends is taken on trust: see the tests beside this file. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import type { Lab, LabCall } from '../contract/lab.ts'
import { EMBED_THEMES } from '../contract/parameters.ts'

/** Characters of a command line, a name, a path and what is typed at once. */
const MAX_TEXT = 65_536
/** Bytes of a file; the guest keeps it in its memory. */
const MAX_FILE = 8 << 20
const MAX_WORDS = 1_000
const MAX_TERMINAL = 100

interface Parameter<Value> {
  what: string
  read(value: unknown): Value | undefined
}

const text: Parameter<string> = {
  what: `a text of at most ${MAX_TEXT} characters`,
  read: (value) => (typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined),
}
const name: Parameter<string> = {
  what: `a text of 1 to ${MAX_TEXT} characters`,
  read: (value) => (value === '' ? undefined : text.read(value)),
}
const path: Parameter<string> = {
  what: 'an absolute path of the guest',
  read: (value) => {
    const read = text.read(value)
    return read?.startsWith('/') === true && !read.includes('\0') ? read : undefined
  },
}
const terminal: Parameter<number> = {
  what: `the position of a terminal, from 0`,
  read: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MAX_TERMINAL
      ? value
      : undefined,
}
const bytes: Parameter<Uint8Array> = {
  what: `a Uint8Array of at most ${MAX_FILE} bytes`,
  read: (value) => (value instanceof Uint8Array && value.length <= MAX_FILE ? value : undefined),
}
const argv: Parameter<string[]> = {
  what: `a list of 1 to ${MAX_WORDS} texts without NUL, of at most ${MAX_TEXT} characters`,
  read: (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > MAX_WORDS) return undefined
    const words = value.filter((word): word is string => typeof word === 'string' && !word.includes('\0'))
    const size = words.reduce((sum, word) => sum + word.length, 0)
    return words.length === value.length && words[0] !== '' && size <= MAX_TEXT ? words : undefined
  },
}
const theme: Parameter<(typeof EMBED_THEMES)[number]> = {
  what: EMBED_THEMES.join(', '),
  read: (value) => EMBED_THEMES.find((each) => each === value),
}

/** The arguments of a call, read one after the other. */
class Arguments {
  readonly #call: string
  readonly #values: readonly unknown[]
  #at = 0

  constructor(call: string, values: readonly unknown[]) {
    this.#call = call
    this.#values = values
  }

  next<Value>({ what, read }: Parameter<Value>): Value {
    const value = read(this.#values[this.#at++])
    if (value === undefined)
      throw new EngineError('invalid', `${this.#call}: argument ${this.#at} must be ${what}`)
    return value
  }

  maybe<Value>(parameter: Parameter<Value>): Value | undefined {
    if (this.#values[this.#at] !== undefined) return this.next(parameter)
    this.#at++
    return undefined
  }

  end(): void {
    if (this.#values.length > this.#at)
      throw new EngineError('invalid', `${this.#call} takes at most ${this.#at} arguments`)
  }
}

/** Reads all of a call's arguments, and only then the lab is asked. */
type Reader = (args: Arguments) => (lab: Lab) => Promise<unknown>

const CALLS: Record<LabCall, Reader> = {
  exec: (args) => {
    const [words, container] = [args.next(argv), args.maybe(name)]
    return (lab) => lab.exec(words, container)
  },
  type: (args) => {
    const [at, typed] = [args.next(terminal), args.next(text)]
    return (lab) => lab.type(at, typed)
  },
  run: (args) => {
    const [at, typed] = [args.next(terminal), args.next(text)]
    return (lab) => lab.run(at, typed)
  },
  interrupt: (args) => {
    const at = args.next(terminal)
    return (lab) => lab.interrupt(at)
  },
  read: (args) => {
    const file = args.next(path)
    return (lab) => lab.read(file)
  },
  write: (args) => {
    const [file, content] = [args.next(path), args.next(bytes)]
    return (lab) => lab.write(file, content)
  },
  list: () => (lab) => lab.list(),
  inspect: (args) => {
    const container = args.next(name)
    return (lab) => lab.inspect(container)
  },
  goto: (args) => {
    const step = args.next(name)
    return (lab) => lab.goto(step)
  },
  check: (args) => {
    const task = args.next(name)
    return (lab) => lab.check(task)
  },
  reset: () => (lab) => lab.reset(),
  theme: (args) => {
    const wanted = args.next(theme)
    return (lab) => lab.theme(wanted)
  },
  dispose: () => (lab) => lab.dispose(),
}

/** The number under which a message wants its answer; null where it names none. */
export function callId(message: unknown): number | null {
  return isRecord(message) && Number.isSafeInteger(message.id) ? (message.id as number) : null
}

/** What a message asks of the lab. @throws EngineError `invalid` with a sentence that names what is wrong */
export function decodeCall(message: unknown): (lab: Lab) => Promise<unknown> {
  if (callId(message) === null || !isRecord(message) || !Array.isArray(message.args))
    throw new EngineError('invalid', 'a call must have the form {id: number, call: string, args: list}')
  const { call } = message
  if (typeof call !== 'string' || !Object.hasOwn(CALLS, call))
    throw new EngineError(
      'invalid',
      `there is no call ${JSON.stringify(call)?.slice(0, 60)}: ${Object.keys(CALLS).join(', ')} are there`,
    )
  const args = new Arguments(call, message.args)
  const ask = CALLS[call as LabCall](args)
  args.end()
  return ask
}

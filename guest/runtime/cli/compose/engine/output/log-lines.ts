/** Prints the output of containers line by line, each with the name of its container before it. */
import type { ByteStream } from '../../../../../protocol/wire/byte-stream.ts'
import type { CliSession } from '../../../shared/session.ts'
import { StdcopyDecoder } from '../../../../../vocabulary/stdcopy.ts'
import type { ComposeContext } from '../../context.ts'

const RAINBOW = ['36', '33', '32', '35', '34', '36;1', '33;1', '32;1', '35;1', '34;1']

interface Presenter {
  paint: (text: string) => string
  prefix: string
}

export class LogConsumer {
  readonly #session: CliSession
  readonly #colour: boolean
  readonly #prefixes: boolean
  readonly #now: (() => number) | undefined
  readonly #presenters = new Map<string, Presenter>()

  /** @param timestamps the time of arrival before each line */
  constructor(
    { session, colour, now }: ComposeContext,
    options: { colour: boolean; prefixes: boolean; timestamps?: boolean },
  ) {
    this.#session = session
    this.#colour = colour && options.colour
    this.#prefixes = options.prefixes
    this.#now = options.timestamps === true ? now : undefined
  }

  /** Names are aligned to the longest known. */
  register(name: string): Presenter {
    const known = this.#presenters.get(name)
    if (known !== undefined) return known
    const code = RAINBOW[this.#presenters.size % RAINBOW.length]!
    const paint = this.#colour ? (text: string) => `\x1b[${code}m${text}\x1b[0m` : (text: string) => text
    const presenter = { paint, prefix: '' }
    this.#presenters.set(name, presenter)
    if (this.#prefixes) {
      const width = Math.max(...[...this.#presenters.keys()].map(({ length }) => length)) + 1
      for (const [own, one] of this.#presenters) one.prefix = one.paint(`${own.padEnd(width)} | `)
    }
    return presenter
  }

  async log(name: string, line: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const { prefix } = this.register(name)
    const time = this.#now === undefined ? '' : new Date(this.#now()).toISOString().replace('Z', '000000Z')
    await this.#session[stream].write(`${prefix}${time}${line}\n`)
  }

  async status(name: string, message: string): Promise<void> {
    await this.#session.stdout.write(this.register(name).paint(`${name} ${message}\n`))
  }
}

type WriteLine = (line: string, stream: 'stdout' | 'stderr') => Promise<void>

/** Cuts a container's output into lines, each stream separately. */
class LineCutter {
  readonly #write: WriteLine
  readonly #decoder: StdcopyDecoder | undefined
  readonly #pending = { stdout: '', stderr: '' }
  readonly #utf8 = { stdout: new TextDecoder(), stderr: new TextDecoder() }

  constructor(tty: boolean, write: WriteLine) {
    this.#write = write
    this.#decoder = tty ? undefined : new StdcopyDecoder()
  }

  async push(chunk: Uint8Array): Promise<void> {
    const parts = this.#decoder?.push(chunk) ?? [{ stream: 'stdout' as const, bytes: chunk }]
    for (const { stream, bytes } of parts) {
      const lines = (this.#pending[stream] + this.#utf8[stream].decode(bytes, { stream: true })).split('\n')
      this.#pending[stream] = lines.pop()!
      for (const line of lines) await this.#write(line, stream)
    }
  }

  async end(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#pending[stream] + this.#utf8[stream].decode()
      if (rest !== '') await this.#write(rest, stream)
      this.#pending[stream] = ''
    }
  }
}

export async function linesOfBody(
  body: AsyncIterable<Uint8Array>,
  tty: boolean,
  write: WriteLine,
): Promise<void> {
  const cutter = new LineCutter(tty, write)
  for await (const chunk of body) await cutter.push(chunk)
  await cutter.end()
}

export async function linesOfStream(stream: ByteStream, tty: boolean, write: WriteLine): Promise<void> {
  const cutter = new LineCutter(tty, write)
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) await cutter.push(chunk)
  await cutter.end()
}

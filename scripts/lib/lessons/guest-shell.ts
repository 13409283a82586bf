/** One interactive shell of a headless guest, as a terminal of the page has it, and what a person does there. */
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import { deferred } from '../../../guest/protocol/wire/deferred.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EngineTransport } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { execProcess } from '../../../web/src/client/exec-process.ts'
import { ExecCalls } from '../../../web/src/client/exec-calls.ts'
import { lessonGuest, type LessonGuest } from '../../../web/src/lessons/checks/lesson-guest.ts'
import { endsWithPrompt, ShellOutput } from './shell-output.ts'

const SIZE = { rows: 50, columns: 160 }
/** Prints a line each second of the guest's own time, whatever the emulator makes of a second. */
const CLOCK = ['sh', '-c', 'while sleep 1; do echo; done']

/** What became of lines that were entered. */
export interface Entered {
  /** `ended`: the shell waits again; `asks`: a program of it asks for lines; `runs`: neither, after all patience. */
  kind: 'ended' | 'asks' | 'runs'
  /** Known when it ended: 0, or the status of the last command that failed. */
  status: number
  text: string
}

export class GuestShell {
  readonly #guest: LessonGuest
  readonly #stream: ByteStream
  readonly #name: string
  readonly #output = new ShellOutput()
  #news = deferred<void>()
  readonly #closing = new AbortController()
  /** Seconds of the guest since the shell was opened. */
  #seconds = 0
  #asks = false
  /** Why nothing more comes of the shell: undefined while it lives. */
  #end: EngineError | 'exited' | undefined

  private constructor(transport: EngineTransport, stream: ByteStream, name: string) {
    this.#guest = lessonGuest(transport)
    this.#stream = stream
    this.#name = name
    void this.#pump()
    void this.#count(transport)
  }

  /** @param name tells its shell from others; letters, digits and `-` */
  static async open(transport: EngineTransport, name: string): Promise<GuestShell> {
    const calls = new ExecCalls(new EngineApi(transport))
    const exec = { Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, Env: ['TERM=xterm'] }
    const stream = await calls.attach(await calls.createInGuest(exec), SIZE)
    const shell = new GuestShell(transport, stream, name)
    await shell.#settled(60)
    return shell
  }

  /** Whether the shell itself waits for a line. */
  get waits(): boolean {
    return this.#output.state.kind === 'waits'
  }

  /** Whether a program of the shell asked for lines when it was last looked at. */
  get asks(): boolean {
    return this.#asks
  }

  get isClosed(): boolean {
    return this.#end !== undefined
  }

  /**
   * Runs a script in the shell, as `.` does: folder and variables stay, and a document in it needs no typing. In a program
   * that asks for lines they are typed.
   *
   * @param patience seconds of the guest's own time
   */
  async enter(script: string, patience: number): Promise<Entered> {
    if (!this.waits) return this.#typed(script, patience)
    const file = `/run/lesson-${this.#name}.sh`
    const stdin = [new TextEncoder().encode(`${script}\n`)]
    await this.#guest.run(['sh', '-c', `cat > ${file}`], { stdin: asyncOf(stdin) })
    await this.#send(` failed=0; trap 'failed=$?' ERR; . ${file}; trap - ERR; (exit $failed)\r`)
    return this.#settled(patience)
  }

  /** Ctrl+C, until the shell waits; false when it does not, and the shell is of no more use. */
  async interrupt(): Promise<boolean> {
    if (!this.waits) {
      await this.#stream.write(new TextEncoder().encode('\x03'))
      await this.#settled(20)
    }
    return this.waits
  }

  close(): void {
    this.#closing.abort()
    this.#stream.reset('the lines were entered')
  }

  async #typed(script: string, patience: number): Promise<Entered> {
    let entered: Entered = { kind: 'asks', status: 0, text: '' }
    for (const line of script.split('\n')) {
      await this.#send(`${line}\r`)
      entered = await this.#settled(patience)
    }
    return entered
  }

  #send(text: string): Promise<void> {
    this.#output.entered()
    return this.#stream.write(new TextEncoder().encode(text))
  }

  /**
   * Resolves when the shell waits or has exited, or a program asks and prints nothing more, or after the patience. Rejects
   * when the machine is lost.
   */
  async #settled(patience: number): Promise<Entered> {
    this.#asks = false
    const until = this.#seconds + patience
    let [before, seen]: [string | undefined, number] = [undefined, this.#seconds]
    while (!this.waits && this.#end === undefined) {
      await this.#news.promise
      if (this.#seconds === seen) continue
      const { text } = this.#output
      this.#asks = text === before && endsWithPrompt(text)
      if (this.#asks) return { kind: 'asks', status: 0, text }
      if (this.#seconds >= until) return { kind: 'runs', status: 0, text }
      ;[before, seen] = [text, this.#seconds]
    }
    if (this.#end instanceof EngineError) throw this.#end
    const { state, text } = this.#output
    return { kind: 'ended', status: state.kind === 'waits' ? state.status : 0, text }
  }

  async #count(transport: EngineTransport): Promise<void> {
    const { signal } = this.#closing
    const tick = (): Promise<void> => {
      this.#seconds += 1
      this.#told()
      return Promise.resolve()
    }
    try {
      await execProcess(transport, CLOCK, tick, { signal })
    } catch (error) {
      if (!signal.aborted) this.#end = EngineError.from(error)
    }
    this.#told()
  }

  async #pump(): Promise<void> {
    try {
      for (let chunk = await this.#stream.read(); chunk; chunk = await this.#stream.read()) {
        this.#output.read(chunk)
        this.#told()
      }
      this.#end = 'exited'
    } catch (error) {
      this.#end = EngineError.from(error)
    }
    this.#closing.abort()
    this.#told()
  }

  #told(): void {
    this.#news.resolve()
    this.#news = deferred<void>()
  }
}

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item)
}

import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { AppState } from '../../state/app-state.svelte.ts'
import type { EngineSession } from '../../state/engine-session.svelte.ts'
import type { LessonRun } from '../../state/lessons/lesson-run.svelte.ts'
import type { TerminalSession } from '../../state/terminals/terminal-session.svelte.ts'
import type { Lab, LabExecResult } from '../contract/lab.ts'
import type { EmbedTheme } from '../contract/parameters.ts'
import { typedKeys } from './typed-keys.ts'

const INTERRUPT = '\x03'
const WRITE = 'mkdir -p -- "$(dirname -- "$1")" && cat > "$1"'

/** The lab of a frame: its machine, its terminals, and the lesson that is open in it. */
export class MachineLab implements Lab {
  readonly #app: AppState

  constructor(app: AppState) {
    this.#app = app
  }

  async exec(argv: string[], container: string | undefined): Promise<LabExecResult> {
    const { guest } = await this.#session()
    return guest.run(argv, { container })
  }

  async type(terminal: number, text: string): Promise<void> {
    ;(await this.#terminal(terminal)).send(typedKeys(text))
  }

  async run(terminal: number, text: string): Promise<void> {
    ;(await this.#terminal(terminal)).enter(text)
  }

  async interrupt(terminal: number): Promise<void> {
    ;(await this.#terminal(terminal)).send(INTERRUPT)
  }

  async read(path: string): Promise<Uint8Array> {
    const { stdout } = await this.#mustRun(path, ['base64', '-w', '0', '--', path])
    return Uint8Array.from(atob(stdout), (character) => character.charCodeAt(0))
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#mustRun(path, ['sh', '-c', WRITE, 'sh', path], once(bytes))
  }

  async list(): Promise<unknown[]> {
    return (await this.#session()).client.containers.list()
  }

  async inspect(container: string): Promise<unknown> {
    return (await this.#session()).client.containers.inspect(container)
  }

  goto(step: string): Promise<void> {
    const { lessons } = this.#app
    const steps = lessons.prose?.steps.map(({ id }) => id) ?? []
    if (!steps.includes(step)) return Promise.reject(unknown('step', step, steps))
    lessons.goTo(step)
    return Promise.resolve()
  }

  async check(task: string): Promise<boolean> {
    const { lesson, run } = this.#app.lessons
    const tasks = lesson?.tasks.map(({ id }) => id) ?? []
    if (!tasks.includes(task)) throw unknown('task', task, tasks)
    const ready = readyRun(run)
    await ready.check(task)
    if (ready.error) throw ready.error
    return ready.isDone(task)
  }

  async reset(): Promise<void> {
    const { lessons } = this.#app
    if (lessons.lesson) {
      const run = readyRun(lessons.run)
      await run.begin()
      if (run.error) throw run.error
      return
    }
    this.#app.stop()
    await this.#app.boot()
    if (this.#app.machine.error) throw this.#app.machine.error
  }

  theme(theme: EmbedTheme): Promise<void> {
    this.#app.settings.theme = theme
    return Promise.resolve()
  }

  dispose(): Promise<string> {
    const shown = this.#app.session?.terminals.sessions.map((terminal) => terminal.text().trimEnd()) ?? []
    this.#app.stop()
    return Promise.resolve(shown.filter((text) => text !== '').join('\n\n'))
  }

  async #session(): Promise<EngineSession> {
    const { session } = this.#app
    if (!session) throw new EngineError('unavailable', 'the machine does not run: wait for `booted`')
    await session.whenConnected()
    return session
  }

  async #terminal(position: number): Promise<TerminalSession> {
    const { terminals } = await this.#session()
    const terminal = terminals.sessions[position]
    if (!terminal)
      throw new EngineError(
        'not-found',
        `there is no terminal ${position}: ${terminals.sessions.length} are open, counted from 0`,
      )
    await terminal.prompted
    return terminal
  }

  async #mustRun(path: string, command: string[], stdin?: AsyncIterable<Uint8Array>): Promise<LabExecResult> {
    const { guest } = await this.#session()
    const result = await guest.run(command, { stdin })
    if (result.code === 0) return result
    const missing = /No such file or directory/.test(result.stderr)
    throw new EngineError(missing ? 'not-found' : 'invalid', `${path}: ${result.stderr.trim().slice(0, 500)}`)
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

function unknown(what: string, name: string, known: readonly string[]): EngineError {
  const there = known.length > 0 ? `${known.join(', ')} are there` : 'no lesson is open'
  return new EngineError('not-found', `there is no ${what} “${name.slice(0, 64)}”: ${there}`)
}

function readyRun(run: LessonRun | undefined): LessonRun {
  if (run?.phase === 'ready') return run
  throw new EngineError('unavailable', 'the lesson is not ready yet')
}

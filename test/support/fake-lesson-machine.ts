/** A machine that knows volumes alone, for tests of what the page does with a lesson. */
import type { EngineEvent } from '../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import { EngineApi } from '../../guest/vocabulary/engine-client/engine-api.ts'
import { readLesson } from '../../web/src/lessons/format/read-lesson.ts'
import type { Lesson } from '../../web/src/lessons/format/lesson.ts'
import type {
  TerminalSession,
  TerminalTarget,
} from '../../web/src/state/terminals/terminal-session.svelte.ts'
import type { ShellListener } from '../../web/src/state/terminals/terminals-state.svelte.ts'
import type { LessonMachine } from '../../web/src/state/lessons/lesson-run.svelte.ts'

const YAML = `format: 1
minutes: 1
images: [busybox]
terminals: [host, {name: inside, container: box}, other]
start: mkdir /root/x
tasks:
  - id: volume
    check: {volume: data}
    fail: {volume: gone}
    hints: [{id: create}]
    solve: docker volume create data
  - id: typed
    needs: [volume]
    check: {typed: {line: 'docker ps*', status: 0, terminal: host}}
    solve: docker ps
notes: [idea]
`

const PROSE = `# A lesson

## One {#one}

\`\`\`sh run
docker volume create data
docker ps
\`\`\`

::task{id=volume} Make it.

::hint{task=volume id=create} Create it.

::fail{task=volume} Gone.

## Two {#two}

::task{id=typed} List.

::notes{id=idea} Why?
`

/** @param name it may have another name than its folder, for a second lesson */
export function fakeLesson(name = 'x'): Lesson {
  const { lesson, problems } = readLesson(name, { 'lesson.yaml': YAML, 'en.md': PROSE, 'zh-CN.md': PROSE })
  if (lesson === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
  return lesson
}

/** A store that tells what it holds. */
export function fakeStore() {
  const kept = new Map<string, string>()
  return {
    kept,
    read: (key: string) => kept.get(key) ?? null,
    write: (key: string, value: string) => void kept.set(key, value),
    remove: (key: string) => void kept.delete(key),
    keys: () => [...kept.keys()],
  }
}

export class FakeLessonMachine {
  volumes: string[] = []
  /** Scripts that the guest was asked to run. */
  readonly ran: string[] = []
  readonly pulled: string[] = []
  images: string[] = []
  /** What the next script ends with. */
  code = 0
  /** What the scripts print. */
  stdout = ''
  /** What was sent to each terminal, by the order of their opening. */
  readonly sent: string[][] = []
  readonly opened: TerminalTarget[] = []
  containers: { id: string; name: string; state: string }[] = []
  #onEvent: ((event: EngineEvent) => void) | undefined
  #onShell: ShellListener | undefined
  #sessions: TerminalSession[] = []

  readonly machine: LessonMachine

  constructor() {
    this.open({ kind: 'guest' })
    this.machine = this.#make()
  }

  open(target: TerminalTarget): TerminalSession {
    const sent: string[] = []
    this.sent.push(sent)
    this.opened.push(target)
    const session = {
      ...{ id: this.#sessions.length + 1, target, status: 'open', answered: Promise.resolve() },
      send: (input: string) => void sent.push(input),
      enter: (lines: string) => void sent.push(`${lines}\n`),
      interruptAndEnter: (lines: string) => void sent.push('\x03', `${lines}\n`),
    } as unknown as TerminalSession
    this.#sessions = [...this.#sessions, session]
    return session
  }

  event(Type: EngineEvent['Type'], Action: string): void {
    this.#onEvent?.({ Type, Action } as EngineEvent)
  }

  shell(at: number, news: Parameters<ShellListener>[1]): void {
    this.#onShell?.(this.#sessions[at]!, news)
  }

  /** Whether anybody still wants its news. */
  get isWatched(): boolean {
    return this.#onEvent !== undefined || this.#onShell !== undefined
  }

  #make(): LessonMachine {
    const sessions = (): TerminalSession[] => this.#sessions
    const containers = (): FakeLessonMachine['containers'] => this.containers
    const { pulled } = this
    const parts = {
      guest: {
        api: new EngineApi({
          request: () => Promise.resolve(answer(this.volumes)),
          upgrade: () => Promise.reject(new EngineError('not-supported', 'not asked for here')),
        }),
        run: (command: string[]) => {
          this.ran.push(command.at(-1)!)
          return Promise.resolve({
            code: this.code,
            stdout: this.stdout,
            stderr: this.code === 0 ? '' : 'no room',
          })
        },
      },
      client: {
        images: {
          inspect: (image: string) =>
            this.images.includes(image)
              ? Promise.resolve({})
              : Promise.reject(new EngineError('not-found', `no such image: ${image}`)),
          async *pull(image: string) {
            pulled.push(image)
            yield { id: 'a', status: 'Pull complete' }
          },
        },
      },
      terminals: {
        get sessions() {
          return sessions()
        },
        open: (target: TerminalTarget) => this.open(target),
        select: () => undefined,
        requestFocus: () => undefined,
        watchShells: (listener: ShellListener) => {
          this.#onShell = listener
          return () => (this.#onShell = undefined)
        },
      },
      containers: {
        get list() {
          return containers()
        },
      },
      watchEvents: (listener: (event: EngineEvent) => void) => {
        this.#onEvent = listener
        return () => (this.#onEvent = undefined)
      },
      whenConnected: () => Promise.resolve(),
    }
    return parts as unknown as LessonMachine
  }
}

function answer(volumes: readonly string[]) {
  const Volumes = volumes.map((Name) => ({ Name, Driver: 'local', Labels: null }))
  const bytes = new TextEncoder().encode(JSON.stringify({ Volumes, Warnings: null }))
  return {
    status: 200,
    headers: {},
    body: (async function* () {
      yield bytes
    })(),
  }
}

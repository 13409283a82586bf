/** A lesson's terminals by name: opened when a command is first run in one, and never anything typed that was not asked for. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { TypedLine } from '../../lessons/checks/gather-facts.ts'
import type { Terminal } from '../../lessons/format/lesson.ts'
import type { CodeBlock } from '../../lessons/markdown/code-block.ts'
import { commandsOf } from '../../lessons/markdown/shown-commands.ts'
import type { ContainersState } from '../containers-state.svelte.ts'
import type { TerminalSession } from '../terminals/terminal-session.svelte.ts'
import type { ShellListener, TerminalsState } from '../terminals/terminals-state.svelte.ts'

interface Machine {
  readonly terminals: Pick<TerminalsState, 'sessions' | 'open' | 'select' | 'requestFocus'>
  readonly containers: Pick<ContainersState, 'list'>
}

export class LessonTerminals {
  readonly #terminals: readonly Terminal[]
  readonly #machine: Machine
  readonly #sessions = new Map<string, TerminalSession>()
  /** The line that runs in a terminal, or ran last. */
  readonly #lines = new Map<TerminalSession, string>()

  constructor(terminals: readonly Terminal[], machine: Machine) {
    this.#terminals = terminals
    this.#machine = machine
  }

  /**
   * Enters the block's lines in its terminal, one by one.
   * @throws EngineError `not-found` when the container is not there whose shell the terminal is
   */
  run(code: CodeBlock): void {
    const session = this.#open(code.terminal ?? this.#terminals[0]!.name)
    if (code.interrupt) session.interruptAndEnter(commandsOf(code.text))
    else session.enter(commandsOf(code.text))
  }

  /** Puts the block on the command line; the learner presses Enter. @throws as `run` does */
  type(code: CodeBlock): void {
    this.#open(code.terminal ?? this.#terminals[0]!.name).send(commandsOf(code.text).replaceAll('\n', '\r'))
    this.#machine.terminals.requestFocus()
  }

  /** What a shell's news are to checks. */
  typed(...[session, news]: Parameters<ShellListener>): TypedLine | undefined {
    if (news.kind === 'entered') this.#lines.set(session, news.line)
    const line = this.#lines.get(session)
    if (line === undefined) return undefined
    const status = news.kind === 'ended' ? news.status : undefined
    return { terminal: this.#nameOf(session), line, status }
  }

  /** Terminals that the learner opened have names that no lesson can have. */
  #nameOf(session: TerminalSession): string {
    for (const [name, known] of this.#sessions) if (known === session) return name
    return session === this.#machine.terminals.sessions[0] ? this.#terminals[0]!.name : `#${session.id}`
  }

  #open(name: string): TerminalSession {
    const { terminals } = this.#machine
    const known = this.#sessions.get(name)
    const isThere = known !== undefined && terminals.sessions.includes(known) && known.status !== 'exited'
    const session = isThere ? known : this.#begin(name)
    this.#sessions.set(name, session)
    terminals.select(session.id)
    return session
  }

  /** The first terminal of a lesson is the one that the page has anyway. */
  #begin(name: string): TerminalSession {
    const { terminals, containers } = this.#machine
    const { container } = this.#terminals.find((terminal) => terminal.name === name) ?? {}
    if (container !== undefined) {
      const id = containers.list.find((known) => known.name === container && known.state === 'running')?.id
      if (id === undefined)
        throw new EngineError('not-found', `the container “${container}” does not run`, { container })
      return terminals.open({ kind: 'container', id, name })
    }
    const first = terminals.sessions.find(
      ({ target, status }) => target.kind === 'guest' && status !== 'exited',
    )
    if (name === this.#terminals[0]!.name && first !== undefined) return first
    return terminals.open({ kind: 'guest', name })
  }
}

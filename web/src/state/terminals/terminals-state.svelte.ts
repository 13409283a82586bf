import type { EngineClient } from '../../client/engine-client.ts'
import { controlCharacter } from './control-character.ts'
import { TerminalSession, type ShellNews, type TerminalTarget } from './terminal-session.svelte.ts'

/** Gets the news of all shells. */
/** Is told of lines and their ends. */
export type ShellListener = (session: TerminalSession, news: Exclude<ShellNews, { kind: 'ready' }>) => void

/** The open terminals, as tabs. */
export class TerminalsState {
  sessions = $state.raw<TerminalSession[]>([])
  activeId = $state(0)
  /** Whether Ctrl is held, on the row of keys, for the next character. */
  ctrl = $state(false)
  /** Counts up whenever the person asks for the active terminal, which then takes the focus. */
  focusRequests = $state(0)
  /** Counts up with whatever is given to a process. */
  inputs = 0
  private readonly client: EngineClient
  private readonly whenConnected: () => Promise<void>
  private nextId = 1
  private shellListener: ShellListener | undefined

  /** @param whenConnected resolves once the engine listens; a terminal that is opened earlier waits for it */
  constructor(client: EngineClient, whenConnected: () => Promise<void>) {
    this.client = client
    this.whenConnected = whenConnected
  }

  readonly active = $derived(this.sessions.find(({ id }) => id === this.activeId))

  open(target: TerminalTarget): TerminalSession {
    const session = new TerminalSession(this.nextId++, this.client, target, this.whenConnected)
    this.sessions = [...this.sessions, session]
    this.activeId = session.id
    return session
  }

  select(id: number): void {
    this.activeId = id
  }

  close(id: number): void {
    const index = this.sessions.findIndex((session) => session.id === id)
    this.sessions[index]?.close()
    this.sessions = this.sessions.filter((session) => session.id !== id)
    if (this.activeId === id) this.activeId = (this.sessions[index] ?? this.sessions.at(-1))?.id ?? 0
  }

  /**
   * Sends what a terminal gives to its own process and no other: a terminal in the background also answers queries
   * (DSR, DA). Ctrl changes the next character of the terminal in front; replies, and keys that have no meaning with
   * Ctrl, leave it held.
   */
  input(session: TerminalSession, input: string | Uint8Array): void {
    const control =
      this.ctrl && session.id === this.activeId && typeof input === 'string'
        ? controlCharacter(input)
        : undefined
    if (control !== undefined) this.ctrl = false
    this.inputs++
    session.send(control ?? input)
  }

  /** The listener gets the news of all shells; the answer ends that. */
  watchShells(listener: ShellListener): () => void {
    this.shellListener = listener
    return () => {
      if (this.shellListener === listener) this.shellListener = undefined
    }
  }

  tell(session: TerminalSession, news: ShellNews): void {
    session.shellTold(news)
    if (news.kind !== 'ready') this.shellListener?.(session, news)
  }

  /** Puts text on the command line of a shell of the guest, as if it had been typed; the person presses Enter. */
  type(text: string): void {
    const isShell = (session: TerminalSession | undefined) =>
      session?.target.kind === 'guest' && (session.status === 'open' || session.status === 'connecting')
    const shell = isShell(this.active)
      ? this.active!
      : (this.sessions.find(isShell) ?? this.open({ kind: 'guest' }))
    this.activeId = shell.id
    shell.send(text)
    this.requestFocus()
  }

  requestFocus(): void {
    this.focusRequests += 1
  }

  closeAll(): void {
    for (const session of this.sessions) session.close()
    this.sessions = []
  }
}

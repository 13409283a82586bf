import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { LabExecResult } from '../contract/lab.ts'
import { EMBED_VERSION, type LabEventName, type LabEvents } from '../contract/messages.ts'
import type { LabLink } from './lab-link.ts'

export interface LabTerminal {
  /** Puts text on the command line; nothing runs. */
  type(text: string): Promise<void>
  /** Types the lines, with Enter after each. */
  run(text: string): Promise<void>
  /** Ctrl+C. */
  interrupt(): Promise<void>
}

/** The SDK, as `lab` of an embed. Every call waits until the machine runs, and rejects with an Error that has a `code`. */
export interface LabSdk {
  readonly version: number
  readonly ready: Promise<void>
  readonly booted: Promise<LabEvents['booted']>
  exec(argv: string[], options?: { container?: string }): Promise<LabExecResult>
  terminal(position: number): LabTerminal
  readonly files: {
    read(path: string): Promise<Uint8Array>
    write(path: string, content: string | Uint8Array): Promise<void>
  }
  readonly containers: { list(): Promise<unknown[]>; inspect(container: string): Promise<unknown> }
  goto(step: string): Promise<void>
  check(task: string): Promise<boolean>
  reset(): Promise<void>
  on<Name extends LabEventName>(event: Name, listener: (detail: LabEvents[Name]) => void): () => void
  /** Stops the machine; the embed keeps what its terminals showed. */
  dispose(): Promise<void>
}

/** @param dispose what the embed does to end its lab */
export function labSdk(link: LabLink, dispose: () => Promise<void>): LabSdk {
  const call = async (...[name, ...args]: Parameters<LabLink['call']>): Promise<unknown> => {
    await link.booted
    return link.call(name, ...args)
  }
  const done = async (...asked: Parameters<LabLink['call']>): Promise<void> => void (await call(...asked))
  return {
    version: EMBED_VERSION,
    ready: link.ready,
    booted: link.booted,
    exec: async (argv, options) => (await call('exec', argv, options?.container)) as LabExecResult,
    terminal: (position) => ({
      type: (text) => done('type', position, text),
      run: (text) => done('run', position, text),
      interrupt: () => done('interrupt', position),
    }),
    files: {
      read: async (path) => (await call('read', path)) as Uint8Array,
      write: (path, content) => done('write', path, bytesOf(content)),
    },
    containers: {
      list: async () => (await call('list')) as unknown[],
      inspect: (container) => call('inspect', container),
    },
    goto: (step) => done('goto', step),
    check: async (task) => (await call('check', task)) as boolean,
    reset: () => done('reset'),
    on: (event, listener) => link.on(event, listener),
    dispose,
  }
}

function bytesOf(content: unknown): Uint8Array {
  if (typeof content === 'string') return new TextEncoder().encode(content)
  if (content instanceof Uint8Array) return content
  throw new EngineError('invalid', 'files.write: the content must be a text or a Uint8Array')
}

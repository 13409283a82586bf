import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/** A program that runs beside the tests. */
export interface Program {
  /** Resolves with the first match in what it writes. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Settles as the work does; rejects with all that the program wrote when it ends before. */
  during<T>(work: Promise<T>): Promise<T>
  /** Asks it to end; resolves when it has. */
  end(): Promise<void>
}

/** Starts a program; standard output, standard error and descriptor 3 are what it `says`. */
export function startProgram(command: string, args: string[], env: Record<string, string> = {}): Program {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let said = ''
  const listeners = new Set<() => void>()
  for (const stream of child.stdio.slice(1) as Readable[]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message)).once('close', () => resolve(said))
  })
  const during = <T>(work: Promise<T>) => {
    const early = ended.then((said) => Promise.reject(new Error(`${command} ended and said:\n${said}`)))
    return Promise.race([work, early])
  }
  const match = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const found = pattern.exec(said)
        if (found === null) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
    })
  const end = async () => {
    child.kill()
    await ended
  }
  return { says: (pattern) => during(match(pattern)), during, end }
}

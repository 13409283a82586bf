/** Runs npm scripts side by side. The first that fails ends the others, and its failure is that of the whole. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { EngineError } from '../../guest/protocol/errors.ts'
import { step } from './log.ts'
import { projectRoot } from './paths.ts'

/**
 * How a script's output is shown: as it comes; each line as it comes, behind the script's name; or whole, once the
 * script has ended. Of scripts that run at the same time, none is shown as it comes.
 */
export type Shown = 'as it comes' | 'by line' | 'whole'

export interface RunScript {
  shown: Shown
  /** Lets everything else that runs have the processors first. */
  behind?: boolean
}

export class NpmScripts {
  readonly #running = new Set<ChildProcess>()
  readonly #folder: string
  #failure: EngineError | undefined

  /** @param folder the one with the package.json */
  constructor(folder = projectRoot) {
    this.#folder = folder
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        this.#end()
        process.exit(1)
      })
    }
  }

  /** Resolves when the script has ended well. Rejects with the first failure of all scripts that run here. */
  async run(name: string, { shown, behind = false }: RunScript): Promise<void> {
    if (this.#failure) throw this.#failure
    const run = () => this.#runToEnd(name, shown, behind)
    await (shown === 'as it comes' ? run() : step(name, run))
  }

  async #runToEnd(name: string, shown: Shown, behind: boolean): Promise<void> {
    const npm = ['npm', 'run', '--silent', name]
    const [command, ...args] = behind ? ['nice', '-n', '10', ...npm] : npm
    const output = shown === 'as it comes' ? 'inherit' : 'pipe'
    const child = spawn(command!, args, {
      cwd: this.#folder,
      stdio: ['ignore', output, output],
      // What shows colours on a terminal shows them through us.
      env: process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env,
      // A process group of its own: npm passes no signal on to what its shell has started.
      detached: true,
    })
    this.#running.add(child)
    const print = output === 'pipe' ? show(child, name, shown) : () => undefined
    const failed = await outcome(child)
    this.#running.delete(child)
    // What the first failure has ended has no failure of its own, and nothing more to say.
    if (this.#failure) throw this.#failure
    print()
    if (failed === undefined) return
    this.#failure = new EngineError('internal', `npm run ${name} ${failed}`)
    this.#end()
    throw this.#failure
  }

  #end(): void {
    for (const { pid } of this.#running) if (pid !== undefined) endGroup(pid)
  }
}

/** Asks the process and all that it has started to end. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch (error) {
    // All of them have ended by themselves.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Resolves when the process has ended: with undefined when it did so well, with what it did otherwise. */
function outcome(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined)
      else resolve(signal === null ? `failed with status ${code}` : `was ended by ${signal}`)
    })
  })
}

/** Shows lines as they come, or keeps them; the function that is returned prints what was kept. */
function show(child: ChildProcess, name: string, shown: Shown): () => void {
  const kept: string[] = []
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (shown === 'whole') kept.push(`${line}\n`)
      else process.stdout.write(`${name} │ ${line}\n`)
    })
  }
  return () => void process.stdout.write(kept.join(''))
}

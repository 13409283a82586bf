import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { EngineError } from '../../guest/protocol/errors.ts'

export interface RunOptions {
  cwd?: string
  /** Added to this process's environment. */
  env?: Record<string, string>
  /** A file that becomes standard input, which is empty without one. */
  stdin?: string
}

export interface RunResult {
  status: number
  stdout: Buffer
  stderr: string
}

/** Runs a program to its end and returns its output and status; throws only when it could not be started. */
export function tryRun(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (error) =>
      reject(new EngineError('unavailable', `${command} cannot be started`, {}, error)),
    )
    child.on('close', (code, signal) =>
      resolve({
        status: code ?? (signal === null ? 1 : 128),
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      }),
    )
    if (options.stdin !== undefined) {
      // The pipe breaks when a program stops reading early; its exit status tells whether that is a failure.
      child.stdin!.on('error', () => {})
      createReadStream(options.stdin).on('error', reject).pipe(child.stdin!)
    }
  })
}

/** Runs a program that must succeed; returns its standard output. The error carries the last lines it wrote. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<Buffer> {
  const { status, stdout, stderr } = await tryRun(command, args, options)
  if (status === 0) return stdout
  const said = (stderr.trim() || stdout.toString().trim()).split('\n').slice(-8).join('\n')
  const line = [command, ...args.slice(0, 3), ...(args.length > 3 ? ['…'] : [])].join(' ')
  throw new EngineError('internal', `\`${line}\` failed with status ${status}: ${said}`, {
    command,
    args,
    status,
  })
}

/** Runs as `run` does, and decodes the output. */
export async function runText(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  return (await run(command, args, options)).toString()
}

import { EngineError } from '../../guest/protocol/errors.ts'

/** Runs a script's work; a failure is one sentence on stderr and exit status 1, its trace only with PORTHOLE_DEBUG. */
export async function main(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const known = error instanceof EngineError
    process.stderr.write(`porthole: ${known ? error.message : String(error)}\n`)
    if (process.env.PORTHOLE_DEBUG || !known) process.stderr.write(`${(error as Error).stack ?? ''}\n`)
    // process.exit and not exitCode: a machine or server that the failed work left running would keep the process
    // alive.
    process.exit(1)
  }
}

/** True when the module is the program that was started, not imported by another script. */
export function isMain(url: string): boolean {
  return process.argv[1] !== undefined && url === new URL(`file://${process.argv[1]}`).href
}

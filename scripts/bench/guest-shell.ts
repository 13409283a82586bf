import { EngineError } from '../../guest/protocol/errors.ts'
import type { HeadlessMachine } from '../lib/headless-machine.ts'

/** Standard output of a shell command in the guest; one that fails fails the bench. */
export async function sh(machine: HeadlessMachine, command: string): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(command)
  if (code === 0) return stdout
  throw new EngineError('internal', `bench: «${command}» failed in the guest: ${stderr.trim()}`)
}

/** Reads the profiles that `security_opt` names, because the engine wants their text. */
import { posix } from 'node:path'
import { CliError } from '../../../shared/cli-error.ts'
import type { ComposeContext } from '../../context.ts'
import type { Project } from '../../model/project.ts'
import type { Service } from '../../model/types.ts'

/** @throws CliError naming the option or the profile */
export async function readSecurity(
  { files }: ComposeContext,
  { workingDir }: Project,
  { security_opt: given = [] }: Service,
): Promise<{ options: string[]; unconfinedPaths: boolean }> {
  const options: string[] = []
  let unconfinedPaths = false
  for (const option of given) {
    if (option === 'systempaths=unconfined') {
      unconfinedPaths = true
      continue
    }
    const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':')
    const key = at < 0 ? option : option.slice(0, at)
    if (at < 0 && key !== 'no-new-privileges')
      throw new CliError(`Invalid security-opt: ${JSON.stringify(option)}`)
    const value = option.slice(at + 1)
    if (key !== 'seccomp' || value === 'unconfined') options.push(option)
    else options.push(`seccomp=${await readProfile(files, posix.resolve(workingDir, value), value)}`)
  }
  return { options, unconfinedPaths }
}

async function readProfile(files: ComposeContext['files'], path: string, given: string): Promise<string> {
  if (!(await files.exists(path)))
    throw new CliError(`opening seccomp profile (${given}) failed: open ${path}: no such file or directory`)
  try {
    return JSON.stringify(JSON.parse(await files.readText(path)))
  } catch (error) {
    throw new CliError(`compacting json for seccomp profile (${given}) failed: ${(error as Error).message}`)
  }
}

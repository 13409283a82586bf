/** Parses RUN, whose options only BuildKit can follow. */
import { EngineError } from '../../../../protocol/errors.ts'
import { heredocData } from './heredoc.ts'
import { InstructionFlags } from './instruction-flags.ts'
import type { RunInstruction } from './instructions.ts'
import type { DockerfileLine } from './parse-lines.ts'
import { quote } from '../../../../vocabulary/go-quote.ts'
import { shellOrExec, writtenOf } from './written.ts'

const RUN_FLAGS = { mount: 'strings', network: 'string', security: 'string', device: 'strings' } as const

const NETWORKS: ReadonlySet<string> = new Set(['default', 'none', 'host'])

export function parseRun(line: DockerfileLine): RunInstruction {
  const flags = InstructionFlags.parse(line.flags, RUN_FLAGS)
  const network = flags.text('network')
  if (flags.used.includes('network') && !NETWORKS.has(network))
    throw new EngineError('invalid', `invalid network mode ${quote(network)}`)
  const files = line.heredocs.map((heredoc) => ({
    name: heredoc.name,
    data: heredocData(heredoc),
    expand: heredoc.expand,
  }))
  return { kind: 'run', ...writtenOf(line), ...shellOrExec(line), files, flagsUsed: flags.used }
}

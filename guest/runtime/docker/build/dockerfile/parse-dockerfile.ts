/** Parses a whole Dockerfile: global ARGs and stages. */
import { EngineError } from '../../../../protocol/errors.ts'
import type { Dockerfile, Instruction, InstructionOf, Stage } from './instructions.ts'
import { parseInstruction } from './parse-instruction.ts'
import { parseLines, type DockerfileLine } from './parse-lines.ts'

function located(line: DockerfileLine): Instruction | Stage {
  try {
    return parseInstruction(line)
  } catch (thrown) {
    const error = EngineError.from(thrown)
    const message = `dockerfile parse error on line ${line.line}: ${error.message}`
    throw new EngineError(error.code, message, { line: line.line }, error)
  }
}

/**
 * Parses a Dockerfile. Throws `invalid` with the line of what is wrong.
 * @param name of the file, for messages
 */
export function parseDockerfile(text: string, name?: string): Dockerfile {
  const { lines, escape, warnings } = parseLines(text, name)
  const globals: InstructionOf<'arg'>[] = []
  const stages: Stage[] = []
  for (const line of lines) {
    const parsed = located(line)
    const stage = stages.at(-1)
    if (parsed.kind === 'from') stages.push(parsed)
    else if (stage) stage.instructions.push(parsed)
    else if (parsed.kind === 'arg') globals.push(parsed)
    else throw new EngineError('invalid', 'no build stage in current context', { line: line.line })
  }
  return { globals, stages, escape, warnings }
}

/** Parses the instructions of `--change` or of a trigger, which have no stages. */
export function parseInstructions(text: string): { instructions: Instruction[]; escape: string } {
  const { lines, escape } = parseLines(text)
  const instructions = lines.map((line) => {
    const parsed = parseInstruction(line)
    if (parsed.kind !== 'from') return parsed
    throw new EngineError('invalid', '*instructions.Stage is not a command type', { line: line.line })
  })
  return { instructions, escape }
}

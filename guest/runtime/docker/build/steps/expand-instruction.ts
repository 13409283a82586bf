/** Expands the variables of an instruction. */
import type { Instruction } from '../dockerfile/instructions.ts'
import type { KeyValue } from '../dockerfile/line-arguments.ts'
import { expandWord, type LexOptions } from '../dockerfile/shell-lex.ts'
import type { Variables } from '../dockerfile/substitution.ts'

/**
 * Expands the variables that the builder itself expands. CMD, ENTRYPOINT, RUN, HEALTHCHECK, ONBUILD and SHELL leave
 * them to the shell; EXPOSE splits what it expands.
 */
export function expandInstruction(
  instruction: Instruction,
  variables: Variables,
  lex: LexOptions,
): Instruction {
  const expand = (word: string) => expandWord(word, variables, lex)
  const expandPairs = (pairs: readonly KeyValue[]) =>
    pairs.map(({ key, value }) => ({ key: expand(key), value: expand(value) }))
  switch (instruction.kind) {
    case 'label':
      return instruction.literal ? instruction : { ...instruction, pairs: expandPairs(instruction.pairs) }
    case 'env':
      return { ...instruction, pairs: expandPairs(instruction.pairs) }
    case 'arg':
      return {
        ...instruction,
        definitions: instruction.definitions.map(({ key, value }) => ({
          key: expand(key),
          ...(value !== undefined && { value: expand(value) }),
        })),
      }
    case 'workdir':
      return { ...instruction, path: expand(instruction.path) }
    case 'user':
      return { ...instruction, user: expand(instruction.user) }
    case 'volume':
      return { ...instruction, volumes: instruction.volumes.map(expand) }
    case 'stopsignal':
      return { ...instruction, signal: expand(instruction.signal) }
    case 'copy':
    case 'add': {
      // Quotes in a here-document are part of its text.
      const raw: LexOptions = { escape: '\\', plainQuotes: true }
      return {
        ...instruction,
        chown: expand(instruction.chown),
        chmod: expand(instruction.chmod),
        sources: instruction.sources.map(expand),
        inline: instruction.inline.map((file) =>
          file.expand ? { ...file, data: expandWord(file.data, variables, raw) } : file,
        ),
        destination: expand(instruction.destination),
      }
    }
    default:
      return instruction
  }
}

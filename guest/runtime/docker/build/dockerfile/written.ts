/** The parts that every instruction takes from its line. */
import type { ShellOrExec } from './instructions.ts'
import type { DockerfileLine } from './parse-lines.ts'

export const writtenOf = ({ original, line }: DockerfileLine) => ({ code: original.trim(), line })

/** The shell form is one word, as it was written. */
export function shellOrExec({ arguments: { words, json } }: DockerfileLine): ShellOrExec {
  return { words: json || words.length === 0 ? words : [words.join(' ')], shell: !json }
}

/**
 * Transcripts of the docker command line as Markdown. Prose says why what follows is what Docker does; a fenced block
 * `console` is a session:
 *
 *     $ docker run --rm busybox sh -c 'echo out; echo err >&2; exit 3'
 *     out                     its standard output, normalised
 *     ! err                   its standard error
 *     [exit 3]                unless it is 0
 *
 * A command goes on in lines that begin with `> `. Output that doesn't end with a newline ends with `⏎̸`; `␛` is the byte
 * with which terminals' sequences begin.
 */

/** What one command did. */
export interface Said {
  stdout: string
  stderr: string
  code: number
}

/** Runs a command line and resolves with its output in the words of a transcript. */
export type Speak = (command: string) => Promise<string[]>

/** Marks a last line without newline. */
const UNENDED = '⏎̸'

function outputLines(text: string, prefix: string): string[] {
  if (text === '') return []
  const visible = text.replaceAll('\u001b', '␛')
  const lines = (visible.endsWith('\n') ? visible.slice(0, -1) : visible + UNENDED).split('\n')
  return lines.map((line) => `${prefix}${line}`.trimEnd())
}

/** The lines that a transcript has of it; an empty line of stderr is a lone `!`. */
export function sayLines({ stdout, stderr, code }: Said): string[] {
  return [...outputLines(stdout, ''), ...outputLines(stderr, '! '), ...(code === 0 ? [] : [`[exit ${code}]`])]
}

/** A line of prose, or a command with all its lines; what a command printed is no part. */
type Part = string | string[]

/** @throws when a block does not begin with a command */
function parse(text: string): Part[] {
  const parts: Part[] = []
  let inBlock = false
  let command: string[] | undefined
  let printed = false
  for (const line of text.split('\n')) {
    if (inBlock ? line === '```' : line.startsWith('```')) {
      inBlock = line === '```console'
      command = undefined
      parts.push(line)
    } else if (inBlock && line.startsWith('$ ')) {
      command = [line]
      printed = false
      parts.push(command)
    } else if (command) {
      printed ||= !line.startsWith('> ')
      if (!printed) command.push(line)
    } else {
      if (inBlock && line !== '') throw new Error(`a block begins with a command, not with ${line}`)
      parts.push(line)
    }
  }
  return parts
}

const commandText = (lines: string[]): string => lines.map((line) => line.slice(2)).join('\n')

/** The commands of a transcript, in order. @throws when a block is not of a session's form */
export function transcriptCommands(text: string): string[] {
  return parse(text)
    .filter((part) => typeof part !== 'string')
    .map(commandText)
}

/** The same transcript with the output that its commands have now. */
export async function replay(text: string, speak: Speak): Promise<string> {
  const result: string[] = []
  for (const part of parse(text)) {
    if (typeof part === 'string') result.push(part)
    else result.push(...part, ...(await speak(commandText(part))))
  }
  return result.join('\n')
}

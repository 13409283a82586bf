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

interface Session {
  command: string[]
  rest: string[]
}

/** @param lines from one that begins with `$ ` to the end of its block */
function takeSession(lines: string[]): Session {
  const end = lines.findIndex((line, at) => at > 0 && !line.startsWith('> '))
  const after = end < 0 ? lines.length : end
  const next = lines.findIndex((line, at) => at >= after && (line.startsWith('$ ') || line === '```'))
  return { command: lines.slice(0, after), rest: lines.slice(next < 0 ? lines.length : next) }
}

const commandText = (lines: string[]): string => lines.map((line) => line.slice(2)).join('\n')

/** The commands of a transcript, in order. @throws when a block is not of a session's form */
export function transcriptCommands(text: string): string[] {
  const commands: string[] = []
  let lines = text.split('\n')
  let inBlock = false
  while (lines.length > 0) {
    if (lines[0]!.startsWith('```')) inBlock = lines[0] === '```console'
    if (!inBlock || !lines[0]!.startsWith('$ ')) {
      if (inBlock && lines[0] !== '```console' && lines[0] !== '')
        throw new Error(`a block begins with a command, not with ${lines[0]}`)
      lines = lines.slice(1)
      continue
    }
    const { command, rest } = takeSession(lines)
    commands.push(commandText(command))
    lines = rest
  }
  return commands
}

/** The same transcript with the output that its commands have now. */
export async function replay(text: string, speak: Speak): Promise<string> {
  const result: string[] = []
  let lines = text.split('\n')
  let inBlock = false
  while (lines.length > 0) {
    if (lines[0]!.startsWith('```')) inBlock = lines[0] === '```console'
    if (!inBlock || !lines[0]!.startsWith('$ ')) {
      result.push(lines[0]!)
      lines = lines.slice(1)
      continue
    }
    const { command, rest } = takeSession(lines)
    result.push(...command, ...(await speak(commandText(command))))
    lines = rest
  }
  return result.join('\n')
}

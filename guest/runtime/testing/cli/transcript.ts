/**
 * Transcripts of the docker command line (test/fixtures/cli/*.txt). One entry:
 *
 *     $ docker ps -q          the command, quoted as in a shell
 *     @ 1795351618            when it ran, seconds since the epoch
 *     < "y\n"                 what is typed into it, as JSON
 *     1| 4f1caaaaaaaa         a line of its stdout; `1~` for a last one without newline
 *     2| WARNING: …           the same of its stderr
 *     > GET /containers/json  a request it made, with the body in canonical form
 *     = 0                     its exit code
 *
 * Lines starting with `#` and empty lines are for readers.
 */
export interface TranscriptEntry {
  command: string
  argv: string[]
  typed: string
  time: number
  stdout: string
  stderr: string
  requests: string[]
  exitCode: number
}

/** Words as a POSIX shell splits them, without expansions. */
export function shellWords(text: string): string[] {
  const words: string[] = []
  const pattern = /\s*((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+)/gy
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    words.push(
      match[1]!.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_, single, double, escaped) =>
        String(single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped),
      ),
    )
  }
  return words
}

export function parseTranscript(text: string): (TranscriptEntry | string)[] {
  const items: (TranscriptEntry | string)[] = []
  let entry: TranscriptEntry | undefined
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('$ ')) {
      const command = line.slice(2)
      entry = {
        command,
        argv: shellWords(command).slice(1),
        typed: '',
        time: 0,
        stdout: '',
        stderr: '',
        requests: [],
        exitCode: 0,
      }
      items.push(entry)
    } else if (line.startsWith('#') || line === '') items.push(line)
    else if (entry === undefined) throw new Error(`a transcript starts with a command, not with ${line}`)
    else addLine(entry, line)
  }
  return items
}

function addLine(entry: TranscriptEntry, line: string): void {
  const rest = line.slice(2).replace(/^ /, '')
  const newline = line[1] === '~' ? '' : '\n'
  if (line.startsWith('1')) entry.stdout += rest + newline
  else if (line.startsWith('2')) entry.stderr += rest + newline
  else if (line.startsWith('<')) entry.typed = JSON.parse(line.slice(2)) as string
  else if (line.startsWith('@')) entry.time = Number(line.slice(2))
  else if (line.startsWith('>')) entry.requests.push(line.slice(2))
  else if (line.startsWith('=')) entry.exitCode = Number(line.slice(2))
  else throw new Error(`not a line of a transcript: ${line}`)
}

function output(stream: 1 | 2, text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  const last = lines.pop()!
  const whole = lines.map((line) => `${stream}|${line === '' ? '' : ` ${line}`}`)
  return last === '' ? whole : [...whole, `${stream}~ ${last}`]
}

export function formatEntry(entry: TranscriptEntry): string {
  return [
    `$ ${entry.command}`,
    `@ ${entry.time}`,
    ...(entry.typed === '' ? [] : [`< ${JSON.stringify(entry.typed)}`]),
    ...entry.requests.map((request) => `> ${request}`),
    ...output(1, entry.stdout),
    ...output(2, entry.stderr),
    `= ${entry.exitCode}`,
  ].join('\n')
}

/** What a Dockerfile or a compose file needs, and the files that a script writes from its own text. */
import { commandsIn, needOf } from './command-needs.ts'

/** Characters of a file, and of one of its lines, that are looked at. */
const MAX_FILE = 64_000
const MAX_LINE = 500
/** Documents in a script; each may be looked for up to its end. */
const MAX_DOCUMENTS = 40

const FROM = /^\s{0,20}FROM\s+(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?/i
const IMAGE = /^\s{0,20}image:\s*(\S+)/
const RUN = /^\s{0,20}RUN\s+(?:--\S+\s+)*(.*)/i
const BEGIN = /<<-?\s*["']?(\w{1,40})["']?/
const TARGET = /(?:>{1,2}|\btee\b(?:\s+-a)?)\s*(["']?)([\w./~-]{1,300})\1/

export interface FileNeeds {
  /** Images that it is made of, without its own stages. */
  images: string[]
  /** Its steps that reach the internet. */
  internet: string[]
}

export function needsOfFile(path: string, text: string): FileNeeds {
  const lines = text
    .slice(0, MAX_FILE)
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.slice(0, MAX_LINE))
  if (!/dockerfile/i.test(path))
    return { images: lines.flatMap((line) => IMAGE.exec(line)?.[1] ?? []), internet: [] }
  const stages = new Set<string>()
  const images = lines.flatMap((line): string[] => {
    const [, image, stage] = FROM.exec(line) ?? []
    if (stage !== undefined) stages.add(stage)
    return image === undefined || stages.has(image) ? [] : [image]
  })
  const steps = lines.flatMap((line) => commandsIn(RUN.exec(line)?.[1] ?? ''))
  return { images, internet: steps.filter((step) => needOf(step, () => true)?.reason === 'internet') }
}

/** Files of which a script holds the text: `cat <<EOF > PATH`. A later one of the same path counts. */
export function writtenFiles(script: string): { path: string; text: string }[] {
  const lines = script.slice(0, MAX_FILE).split('\n')
  const files: { path: string; text: string }[] = []
  for (let at = 0, begun = 0; at < lines.length && begun < MAX_DOCUMENTS; at++) {
    const line = lines[at]!.slice(0, MAX_LINE)
    const [end, path] = [BEGIN.exec(line)?.[1], TARGET.exec(line)?.[2]]
    if (end === undefined || path === undefined) continue
    begun++
    const until = lines.findIndex((other, which) => which > at && other.trim() === end)
    if (until < 0) continue
    files.push({ path, text: lines.slice(at + 1, until).join('\n') })
    at = until
  }
  return files
}

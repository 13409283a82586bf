/** From a seed to the files of a lesson that means harm, or is broken: always the same for the same seed. */
import { NEW_LESSON } from '../../../scripts/lib/lessons/new-lesson.ts'
import { Random } from '../chaos/random.ts'
import { LABSPACE, SCENARIO } from '../foreign-lessons.ts'
import { HTML, KEYS, LINKS, MARKDOWN, VALUES, YAML } from './hostile-pieces.ts'

export interface FuzzCase {
  seed: number
  files: Map<string, string>
}

const BASES = [NEW_LESSON, SCENARIO, LABSPACE]
const MAX_CHANGES = 12

export function makeCase(seed: number): FuzzCase {
  const random = new Random(seed)
  const files = new Map(Object.entries(random.pick(BASES)))
  const changes = 1 + random.below(MAX_CHANGES)
  for (let change = 0; change < changes; change++) {
    const path = random.pick([...files.keys()])
    files.set(path, changed(path, files.get(path)!, random))
  }
  if (random.chance(0.02)) files.delete(random.pick([...files.keys()]))
  return { seed, files }
}

function changed(path: string, text: string, random: Random): string {
  if (path.endsWith('.json') && random.chance(0.8)) return changedJson(text, random)
  if (random.chance(0.01)) return random.pick(MARKDOWN).repeat(1 + random.below(400))
  if (random.chance(0.25)) return cut(text, random)
  const pieces = /\.ya?ml$/.test(path) ? YAML : random.chance(0.5) ? MARKDOWN : HTML
  const piece = random.chance(0.25) ? linked(random) : random.pick(pieces)
  return inserted(text, random.chance(0.5) ? `\n${piece}\n` : piece, random)
}

function linked(random: Random): string {
  const link = random.pick(LINKS)
  return random.pick([
    `[x](${link})`,
    `![x](${link})`,
    `<${link}>`,
    `[x](<${link}>)`,
    `[y]: ${link}\n\n[y]`,
    `<img src="${link}">`,
    link,
  ])
}

/** At the beginning of a line, mostly, where Markdown looks for what a line is. */
function inserted(text: string, piece: string, random: Random): string {
  const at = random.below(text.length + 1)
  const line = text.lastIndexOf('\n', at) + 1
  const place = random.chance(0.6) ? line : at
  return text.slice(0, place) + piece + text.slice(place)
}

/** A part left out, said twice, or two parts changed with one another. */
function cut(text: string, random: Random): string {
  const [a, b] = [random.below(text.length + 1), random.below(text.length + 1)].sort((x, y) => x - y) as [
    number,
    number,
  ]
  const kind = random.below(3)
  if (kind === 0) return text.slice(0, a) + text.slice(b)
  if (kind === 1) return text.slice(0, b) + text.slice(a)
  return text.slice(b) + text.slice(a, b) + text.slice(0, a)
}

function changedJson(text: string, random: Random): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return cut(text, random) // An earlier change has broken it.
  }
  return JSON.stringify(replaced(value, random, 6))
}

function replaced(value: unknown, random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(0.15)) return random.pick(VALUES)
  if (Array.isArray(value) && value.length > 0) {
    const at = random.below(value.length)
    return value.map((entry: unknown, which) => (which === at ? replaced(entry, random, depth - 1) : entry))
  }
  if (typeof value !== 'object' || value === null) return random.pick(VALUES)
  const keys = Object.keys(value)
  const key = keys.length === 0 || random.chance(0.1) ? random.pick(KEYS) : random.pick(keys)
  return { ...value, [key]: replaced((value as Record<string, unknown>)[key], random, depth - 1) }
}

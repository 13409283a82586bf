/**
 * What differs from run to run, replaced by names. Each rule has its reason; everything else is compared as it is.
 */
import type { Said } from './transcript-file.ts'

interface Rule {
  pattern: RegExp
  name: string
}

/** Clocks: when it ran. */
const TIMES: Rule[] = [
  { pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, name: '<time>' },
  { pattern: /\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} UTC/g, name: '<time>' },
]

/** Rules whose matches are of no constant width, so that columns beside them move. */
const WIDTHS: Rule[] = [
  // How long ago something was depends on the machine's speed.
  {
    pattern:
      /\b(Less than a second|About (a minute|an hour)|\d+ (second|minute|hour|day|week|month|year)s?)(?= ago|$| {2}| \()/gim,
    name: '<while>',
  },
  // Sizes of what Debian's packages make change with their versions. Bytes of our own files ("5B") are compared.
  { pattern: /\b\d+(\.\d+)?(e\+\d+)?[kMG]B\b/g, name: '<size>' },
  // Debian's client 26.1 writes an IPv6 host address without the brackets that Docker 28 puts around it.
  { pattern: /:::(?=\d+(-\d+)?->)/g, name: '[::]:' },
  // Clients of API 1.51 hear how many containers use an image, Debian's 26.1 that nobody has counted.
  { pattern: /(?<="Containers":)"(N\/A|\d+)"/g, name: '"<count>"' },
]

/** A pushed manifest names the sizes of its layers, and what is pushed is random. */
const MANIFEST_SIZES: Rule[] = [{ pattern: /(?<=^\S+: digest: .* size: )\d+$/gm, name: '<bytes>' }]

/** Chosen at random. */
const ADDRESSES: Rule[] = [{ pattern: /\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, name: '<mac>' }]

/** The client's advice about another program, which the guest's own docker does not give. */
const LEGACY_BUILDER = /^DEPRECATED: The legacy builder is deprecated[^]*?\n\n/

const ID =
  /(?<=(\bsha256:)?)\b([0-9a-f]{64}|[0-9a-f]{12})\b(?=(: (?:Pull|Push|Down|Verif|Wait|Prepar|Layer|Already|Mounted))?)/g

/** What a new id in the output of a command belongs to, when the words around it don't tell. */
const KINDS: [RegExp, string][] = [
  [/\bdocker network\b/, 'network'],
  [/\bdocker volume\b/, 'volume'],
  [/\bdocker (build|images|image|history|rmi)\b/, 'image'],
  [/\bdocker /, 'container'],
]

const kindOf = (command: string): string => KINDS.find(([pattern]) => pattern.test(command))?.[1] ?? 'id'

/** Names the ids of one transcript in order of appearance: `<container 1>`, whether in full or short. */
export class Normaliser {
  readonly #folder: string
  readonly #known = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  /** @param folder in which the commands run: another one for each client */
  constructor(folder: string) {
    this.#folder = folder
  }

  normalise(command: string, { stdout, stderr, code }: Said): Said {
    return {
      stdout: this.#text(command, stdout),
      stderr: this.#text(command, stderr.replace(LEGACY_BUILDER, '')),
      code,
    }
  }

  #text(command: string, text: string): string {
    const placed = text.replaceAll(this.#folder, '<folder>')
    const named = placed.replace(ID, (id: string, digest?: string, _id?: string, step?: string) =>
      this.#nameOf(id, step ? 'layer' : digest ? 'digest' : kindOf(command)),
    )
    const timed = replaceAll(named, [...TIMES, ...MANIFEST_SIZES, ...ADDRESSES])
    const widened = replaceAll(timed, WIDTHS)
    return widened === timed ? timed : widened.replace(/(?<=\S) {3,}(?=\S)/g, '   ')
  }

  #nameOf(id: string, kind: string): string {
    const short = id.slice(0, 12)
    const known = this.#known.get(short)
    if (known !== undefined) return known
    const count = (this.#counts.get(kind) ?? 0) + 1
    const name = `<${kind} ${count}>`
    this.#counts.set(kind, count)
    this.#known.set(short, name)
    return name
  }
}

function replaceAll(text: string, rules: Rule[]): string {
  return rules.reduce((done, { pattern, name }) => done.replace(pattern, name), text)
}

/**
 * What commands would have made that cannot work here: containers, images and published ports. A later command that needs
 * one of these cannot work either.
 */
import { firstPlainWord, wordsOf } from './command-needs.ts'
import { plainReference } from './images-at-hand.ts'

/** Of `docker compose`, what needs containers that run. */
const COMPOSE_USES = new Set(['exec', 'port', 'cp', 'kill', 'pause', 'unpause', 'attach', 'push'])
const LOCAL = /^["']?(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(\d{1,5}))?(?:[/"']|$)/

interface Made {
  containers: string[]
  images: string[]
  ports: string[]
}

export class LostThings {
  readonly #containers = new Set<string>()
  readonly #images = new Set<string>()
  readonly #ports = new Set<string>()
  /** Ports that a command publishes which can work here. */
  readonly #published = new Set<string>()
  #project = false

  /** Notes what a command that cannot work here would have made, and the image that it would have fetched. */
  lose(command: string, image?: string): void {
    if (image !== undefined) this.#images.add(plainReference(image))
    const { containers, images, ports } = madeBy(command)
    for (const name of containers) this.#containers.add(name)
    for (const image of images) this.#images.add(image)
    for (const port of ports) if (!this.#published.has(port)) this.#ports.add(port)
    if (/^docker\s+compose\s/.test(command)) this.#project = true
  }

  /** Notes what a command makes that can work here. */
  find(command: string): void {
    const { containers, images, ports } = madeBy(command)
    for (const name of containers) this.#containers.delete(name)
    for (const image of images) this.#images.delete(image)
    for (const port of ports) {
      this.#ports.delete(port)
      this.#published.add(port)
    }
    if (/^docker\s+compose\s.*\bup\b/.test(command)) this.#project = false
  }

  /** Whether the command needs what is lost. */
  isNeededBy(command: string): boolean {
    const [program, verb, ...more] = wordsOf(command)
    if (program === 'curl') return more.concat(verb ?? []).some((word) => this.#isLostAddress(word))
    if (program !== 'docker' || verb === undefined) return false
    if (verb === 'compose') return this.#project && more.some((word) => COMPOSE_USES.has(word))
    // What is made anew is not what was lost.
    const made = madeBy(command).containers
    return more.some(
      (word) =>
        this.#images.has(plainReference(bare(word))) ||
        [...this.#containers].some((name) => !made.includes(name) && isName(word, name)),
    )
  }

  #isLostAddress(word: string): boolean {
    const match = LOCAL.exec(word)
    if (!match) return false
    const port = match[1] ?? '80'
    return this.#ports.has(port) || (this.#project && !this.#published.has(port))
  }
}

/** `ancestor=app)` in a substitution means `app`. */
const bare = (word: string): string =>
  word.replace(/^["']?(?:ancestor|reference)=/, '').replace(/[)"']+$/, '')

/** `web`, `web:/path`, `container:web`, `--network=container:web`. */
const isName = (word: string, name: string): boolean =>
  word === name || word.startsWith(`${name}:`) || word.endsWith(`container:${name}`)

function madeBy(command: string): Made {
  const [program, ...given] = wordsOf(command)
  const none: Made = { containers: [], images: [], ports: [] }
  if (program !== 'docker') return none
  const [verb, ...more] = given[0] === 'container' || given[0] === 'image' ? given.slice(1) : given
  switch (verb) {
    case 'run':
    case 'create': {
      const options = more.slice(0, firstPlainWord(more))
      const ports = valuesOf(options, /^(?:-[a-z]*p|--publish)$/, /^(?:-p|--publish=)(?=\S)/)
      return {
        ...none,
        containers: valuesOf(options, /^--name$/, /^--name=/),
        ports: ports.flatMap((port) => /(?:^|:)(\d+):\d+(?:\/tcp)?$/.exec(port)?.[1] ?? []),
      }
    }
    case 'build':
      return { ...none, images: valuesOf(more, /^(?:-t|--tag)$/, /^--tag=/).map(plainReference) }
    case 'tag':
    case 'commit':
      return { ...none, images: more.slice(-1).map(plainReference) }
    default:
      return none
  }
}

/** Values of an option, as a word of their own or joined to it. */
const valuesOf = (words: readonly string[], alone: RegExp, joined: RegExp): string[] =>
  words.flatMap((word, at) => {
    if (alone.test(word)) return words[at + 1] ?? []
    return joined.test(word) ? word.replace(joined, '') : []
  })

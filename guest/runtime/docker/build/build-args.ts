/**
 * Build arguments: the Dockerfile's ARGs and the values that `--build-arg` gave them. Source: moby
 * builder/dockerfile/buildargs.go.
 */

/** Arguments that are allowed without an ARG, and that are kept out of the image's history. */
const BUILT_IN: readonly string[] = ['http', 'https', 'ftp', 'no', 'all'].flatMap((name) => [
  `${name.toUpperCase()}_PROXY`,
  `${name}_proxy`,
])

type Definitions = Map<string, string | undefined>

export class BuildArgs {
  readonly #given: ReadonlyMap<string, string | null>
  readonly #allowed: Definitions = new Map()
  /** Arguments that are defined before the first FROM. */
  readonly #global: Definitions
  /** Arguments that the Dockerfile names, in any stage. */
  readonly #referenced: Set<string>

  constructor(
    given: ReadonlyMap<string, string | null>,
    global: Definitions = new Map(),
    referenced = new Set<string>(),
  ) {
    this.#given = given
    this.#global = global
    this.#referenced = referenced
  }

  /** The arguments of a new stage, which has not allowed any yet. */
  forStage(): BuildArgs {
    return new BuildArgs(this.#given, this.#global, this.#referenced)
  }

  define(key: string, value: string | undefined): void {
    this.#allowed.set(key, value)
    this.#referenced.add(key)
  }

  defineGlobal(key: string, value: string | undefined): void {
    this.define(key, value)
    this.#global.set(key, value)
  }

  #value(key: string, definitions: Definitions): string | undefined {
    return this.#given.get(key) ?? definitions.get(key) ?? this.#global.get(key)
  }

  #all(definitions: Definitions): Map<string, string> {
    const values = new Map<string, string>()
    for (const key of [...definitions.keys(), ...BUILT_IN]) {
      const value = this.#value(key, definitions)
      if (value !== undefined) values.set(key, value)
    }
    return values
  }

  get globals(): Map<string, string> {
    return this.#all(this.#global)
  }

  get allowed(): Map<string, string> {
    return this.#all(this.#allowed)
  }

  /** `NAME=value` for each allowed argument that ENV does not set. */
  environment(env: readonly string[]): string[] {
    const set = new Set(env.map((entry) => entry.split('=', 1)[0]))
    return [...this.allowed].filter(([key]) => !set.has(key)).map(([key, value]) => `${key}=${value}`)
  }

  /** Whether the argument is part of what identifies a step: a proxy is not, unless the Dockerfile names it. */
  counts(key: string): boolean {
    return this.#allowed.has(key) || !BUILT_IN.includes(key)
  }

  get unused(): string[] {
    return [...this.#given.keys()]
      .filter((key) => !this.#referenced.has(key) && !BUILT_IN.includes(key))
      .sort()
  }
}

/** Finds what `.dockerignore` keeps out of the context, as the fewest paths that cover it. */
import { posix } from 'node:path'
import { PatternMatcher } from '../../../../vocabulary/dockerignore/pattern-matcher.ts'
import type { CliFiles } from '../../../host/files/cli-file-access.ts'

class Walk {
  readonly #files: CliFiles
  readonly #root: string
  readonly #matcher: PatternMatcher

  constructor(files: CliFiles, root: string, patterns: readonly string[]) {
    this.#files = files
    this.#root = root
    this.#matcher = new PatternMatcher(patterns)
  }

  /** The omitted paths in the directory at `path`; `kept` tells whether something in it stays. */
  async omitted(path: string): Promise<{ paths: string[]; kept: boolean }> {
    const paths: string[] = []
    let kept = false
    for (const name of (await this.#files.list(posix.join(this.#root, path))).sort()) {
      const entry = await this.#entry(posix.join(path, name))
      paths.push(...entry.paths)
      kept ||= entry.kept
    }
    return { paths, kept }
  }

  async #entry(path: string): Promise<{ paths: string[]; kept: boolean }> {
    const matched = this.#matcher.matches(path)
    const whole = { paths: [path], kept: false }
    if (matched && !this.#matcher.hasExceptionsIn(path)) return whole
    const stat = await this.#files.stat(posix.join(this.#root, path), false)
    if (stat?.kind !== 'directory') return matched ? whole : { paths: [], kept: true }
    const inside = await this.omitted(path)
    if (!matched) return { paths: inside.paths, kept: true }
    return inside.kept ? inside : whole
  }
}

/** The omitted paths, relative to `root`. Throws Docker's sentence for a bad pattern. */
export async function omittedPaths(
  files: CliFiles,
  root: string,
  patterns: readonly string[],
): Promise<string[]> {
  if (patterns.length === 0) return []
  return (await new Walk(files, root, patterns).omitted('')).paths
}

import type { JsonProgress } from '../../../protocol/api/engine-api.ts'

/** The lines that a reader has not taken yet. A step's progress is kept once, so a slow reader does not fill the memory. */
class Backlog {
  readonly #lines = new Map<unknown, JsonProgress>()

  add(line: JsonProgress): void {
    const { id, status, progressDetail } = line
    const isProgress = id !== undefined && progressDetail !== undefined
    const key = isProgress ? JSON.stringify([id, status]) : line
    // A newer line of a step goes to the end, so that it comes after every line that was reported before it.
    this.#lines.delete(key)
    this.#lines.set(key, line)
  }

  take(): JsonProgress | undefined {
    const [first] = this.#lines
    if (first === undefined) return undefined
    this.#lines.delete(first[0])
    return first[1]
  }
}

/**
 * Turns a call that reports by a callback into a stream of lines; the call's result is the generator's. Lines that came
 * before a failure are yielded first.
 */
export async function* progressStream<P, T>(
  begin: (report: (progress: P) => void) => Promise<T>,
  lineOf: (progress: P) => JsonProgress,
): AsyncGenerator<JsonProgress, T> {
  const backlog = new Backlog()
  let wake = () => {}
  let over = false
  let left = false
  const result = begin((progress) => {
    if (left) return
    backlog.add(lineOf(progress))
    wake()
  })
  const end = () => {
    over = true
    wake()
  }
  result.then(end, end)
  try {
    for (;;) {
      for (let line = backlog.take(); line; line = backlog.take()) yield line
      if (over) return await result
      await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    left = true
  }
}

/** Progress of a build: named steps on stderr, so that stdout stays free for results. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Runs one named step and prints its name first and its duration when it took noticeable time. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  note(`· ${name}`)
  const result = await work()
  const seconds = (performance.now() - start) / 1000
  if (seconds >= 1) note(`  ${name}: ${seconds.toFixed(1)} s`)
  return result
}

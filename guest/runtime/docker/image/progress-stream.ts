/**
 * A call that reports by a callback as a stream of lines; the call's result is the generator's. Lines that came before a
 * failure are yielded first.
 */
export async function* progressStream<P, L, T>(
  begin: (report: (progress: P) => void) => Promise<T>,
  lineOf: (progress: P) => L,
): AsyncGenerator<L, T> {
  const lines: L[] = []
  let wake = () => {}
  let over = false
  const result = begin((progress) => {
    lines.push(lineOf(progress))
    wake()
  })
  const end = () => {
    over = true
    wake()
  }
  result.then(end, end)
  for (;;) {
    while (lines.length > 0) yield lines.shift()!
    if (over) return result
    await new Promise<void>((resolve) => (wake = resolve))
  }
}

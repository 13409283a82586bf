/**
 * Settles as `work` does, unless `signal` aborts before: then rejects with the signal's reason. The work goes on, as
 * others may wait for it; the signal keeps no reference to it once it has settled.
 *
 * @param onLate gets what `work` resolves with after the abort, to release it
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  onLate: (value: T) => void = () => undefined,
): Promise<T> {
  if (signal === undefined) return work
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      work.then(onLate, () => undefined)
      reject(signal.reason)
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    const settled = (): void => signal.removeEventListener('abort', abort)
    work.then(
      (value) => {
        settled()
        resolve(value)
      },
      (error: unknown) => {
        settled()
        reject(error)
      },
    )
  })
}

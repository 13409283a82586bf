/** A promise with its settlers. Nobody need listen to it: a rejection that finds no listener is not an error by itself. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

const ignore = (): void => undefined

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(ignore)
  return { promise, resolve, reject }
}

/** Keeps the size of a container's or an exec's terminal equal to the caller's. */
import { ApiError, type EngineApi } from '../engine-api-client.ts'
import type { CliSession } from '../session.ts'

/** @param path `/containers/<id>` or `/exec/<id>`. Returns how to stop. */
export function followTerminalSize(session: CliSession, api: EngineApi, path: string): () => void {
  const resize = (): void => {
    const { columns, rows } = session.size()
    if (columns === 0 || rows === 0) return
    void api.run('POST', `${path}/resize`, { query: { h: rows, w: columns } }).catch((error: unknown) => {
      // A process that has just ended has no terminal left to resize: nothing is lost.
      if (!(error instanceof ApiError) && !session.ended.aborted) throw error
    })
  }
  resize()
  return session.onResize(resize)
}

/** The size as `create` and `exec` send it: rows, columns. */
export function consoleSize(session: CliSession): [number, number] {
  const { columns, rows } = session.size()
  return session.stdout.isTerminal ? [rows, columns] : [0, 0]
}

/** Keeps the size of a container's or an exec's terminal equal to the caller's. */
import { inBackground } from '../background.ts'
import type { EngineApi } from '../../../../vocabulary/engine-client/engine-api.ts'
import type { CliSession } from '../session.ts'

/**
 * Passes each new size on.
 * @param path `/containers/<id>` or `/exec/<id>`
 * @returns how to stop
 */
export function followTerminalSize(session: CliSession, api: EngineApi, path: string): () => void {
  const resize = (): void => {
    const { columns, rows } = session.size()
    if (columns === 0 || rows === 0) return
    inBackground(session, api.run('POST', `${path}/resize`, { query: { h: rows, w: columns } }))
  }
  resize()
  return session.onResize(resize)
}

/** The size in the form in which `create` and `exec` send it: rows, columns. */
export function consoleSize(session: CliSession): [number, number] {
  const { columns, rows } = session.size()
  return session.stdout.isTerminal ? [rows, columns] : [0, 0]
}

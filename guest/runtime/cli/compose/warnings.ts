/** Prints warnings in the form of Compose's logger (sirupsen/logrus), each only once. */
import type { CliSession } from '../shared/session.ts'

const quoted = (text: string): string => (/^[A-Za-z0-9\-._/@^+]+$/.test(text) ? text : JSON.stringify(text))

export function warner(session: CliSession, now: () => number): (message: string) => void {
  const start = now()
  return (message) => {
    if (session.stderr.isTerminal) {
      const seconds = String(Math.trunc((now() - start) / 1000)).padStart(4, '0')
      void session.stderr.write(`\x1b[33mWARN\x1b[0m[${seconds}] ${message.padEnd(44)} \n`)
      return
    }
    const time = new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z')
    void session.stderr.write(`time="${time}" level=warning msg=${quoted(message)}\n`)
  }
}

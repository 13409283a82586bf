/** The lines of `.dockerignore` as patterns (github.com/moby/patternmatcher/ignorefile). */
import { posix } from 'node:path'

const clean = (path: string) => (path === '' ? '' : posix.normalize(path).replace(/(.)\/$/, '$1'))

export function parseDockerignore(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => {
      const trimmed = line.trim()
      const exception = trimmed.startsWith('!')
      const path = clean(exception ? trimmed.slice(1).trim() : trimmed)
      return (exception ? '!' : '') + (path.length > 1 ? path.replace(/^\//, '') : path)
    })
}

/** The lines of `.dockerignore` as patterns (github.com/moby/patternmatcher/ignorefile). */
import { cleanPath } from '../clean-path.ts'

const clean = (path: string) => (path === '' ? '' : cleanPath(path))

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

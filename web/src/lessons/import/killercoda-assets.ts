/** `assets` of a scenario: files of its folder `assets` that the machine gets. */
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import type { GuestFiles } from './build-lesson.ts'
import type { ImportReport } from './import-report.ts'
import { resolvePath } from './lesson-files.ts'
import type { LessonFolder } from './lesson-folder.ts'
import { IMPORT_LIMITS } from './limits.ts'

/** The machines that stand for the page's one. */
const HOSTS = new Set(['host01', 'controlplane'])
const MAX_ASSETS = 200

/**
 * Copies what each entry names to its target: a file by its name alone, files of a pattern by their path below the part
 * of the pattern that has no star.
 */
export function addAssets(
  assets: Record<string, unknown>,
  folder: LessonFolder,
  guest: GuestFiles,
  report: ImportReport,
  file: string,
): void {
  for (const [host, entries] of Object.entries(assets)) {
    if (!HOSTS.has(host)) {
      report.add(file, undefined, `assets: ${host}`, 'cluster')
      continue
    }
    for (const entry of Array.isArray(entries) ? entries.slice(0, MAX_ASSETS) : []) {
      if (!isRecord(entry) || typeof entry['file'] !== 'string' || typeof entry['target'] !== 'string')
        continue
      const { file: pattern, target, chmod } = entry as { file: string; target: string; chmod: unknown }
      const executable = typeof chmod === 'string' && /x|[1357]/.test(chmod)
      const found = assetsOf(pattern, folder)
      if (found.length === 0) report.add(file, undefined, `assets/${pattern}`, 'missing')
      for (const { path, name } of found) {
        const place = resolvePath('', `${target.replace(/^~/, '/root')}/${name}`)
        if (place === undefined) report.add(file, undefined, target, 'missing')
        else guest.add(path, `/${place}`, folder.files.get(path)!, executable)
      }
    }
  }
}

function assetsOf(pattern: string, folder: LessonFolder): { path: string; name: string }[] {
  if (!pattern.includes('*')) {
    const path = folder.find(`assets/${pattern}`)
    return path === undefined ? [] : [{ path, name: path.slice(path.lastIndexOf('/') + 1) }]
  }
  const base = resolvePath(folder.root, 'assets')!
  const fixed = pattern.slice(0, pattern.indexOf('*')).replace(/[^/]*$/, '')
  const parts = pattern.split('/')
  if (parts.length > IMPORT_LIMITS.depth) return []
  return [...folder.files.keys()].flatMap((path) => {
    if (!path.startsWith(`${base}/`)) return []
    const below = path.slice(base.length + 1)
    return matchesParts(parts, below.split('/')) ? [{ path, name: below.slice(fixed.length) }] : []
  })
}

/** `**` stands for any folders, none too; `*` for any characters of one name. Bounded by the length of paths. */
function matchesParts(pattern: readonly string[], path: readonly string[]): boolean {
  // reach[at]: whether the pattern up to here can have taken `at` parts of the path.
  let reach = path.map((_part, at) => at === 0).concat(path.length === 0)
  for (const [which, part] of pattern.entries()) {
    const next = reach.map(() => false)
    const isLast = which === pattern.length - 1
    for (const [at, is] of reach.entries()) {
      if (!is) continue
      if (part === '**') next.fill(true, at + (isLast ? 1 : 0))
      else if (at < path.length && matchesName(part, path[at]!)) next[at + 1] = true
    }
    reach = next
  }
  return reach[path.length]!
}

/** Each piece between stars is taken where it comes first, so that no name is gone through twice. */
function matchesName(pattern: string, name: string): boolean {
  const pieces = pattern.split('*')
  if (pieces.length === 1) return pattern === name
  const [first, last] = [pieces[0]!, pieces.at(-1)!]
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= name.length - last.length
}

import { folderOf, resolvePath, textOf, type LessonFiles } from './lesson-files.ts'
import type { ImportReport } from './import-report.ts'
import { IMPORT_LIMITS } from './limits.ts'

/** The folder that is imported, and the names under which the lesson shows its pictures. */
export class LessonFolder {
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The folder of the file that says what the lesson is; empty for the outermost. */
  readonly root: string
  /** Paths of pictures by the name that the lesson has for them. */
  readonly pictures = new Map<string, string>()
  readonly #isPartial: boolean
  readonly #report: ImportReport
  #characters = 0

  constructor(root: string, { files, partial, skipped }: LessonFiles, report: ImportReport) {
    this.root = root
    this.files = files
    this.#isPartial = partial === true
    this.#report = report
    report.addAll(skipped.filter(({ file }) => root === '' || file.startsWith(`${root}/`)))
  }

  /** The path of a file that another one names: beside the root; undefined when it is not there. */
  find(named: string): string | undefined {
    const path = resolvePath(this.root, named)
    return path !== undefined && this.files.has(path) ? path : undefined
  }

  /** The text of a file that `file` names; what is not there is told. */
  text(file: string, line: number | undefined, named: string): { path: string; text: string } | undefined {
    const path = this.find(named)
    const text = path === undefined ? undefined : textOf(this.files.get(path)!)
    if (path === undefined || text === undefined) {
      this.#report.add(file, line, named, 'missing')
      return undefined
    }
    if (this.#characters + text.length > IMPORT_LIMITS.pageCharacters) {
      this.#report.add(path, undefined, `${text.length} characters`, 'size')
      return undefined
    }
    this.#characters += text.length
    return { path, text }
  }

  /** The name of the picture that the page `file` names, looked for beside the page and at `others`. */
  picture(file: string, source: string, others: readonly string[]): string | undefined {
    const extension = /\.(svg|png|webp|jpg|jpeg|gif)$/i.exec(source)?.[1]?.toLowerCase()
    if (extension === undefined || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(source)) return undefined
    const paths = [folderOf(file), ...others].flatMap(
      (base) => resolvePath(base, source.replace(/^\//, '')) ?? [],
    )
    const path = paths.find((each) => this.files.has(each)) ?? (this.#isPartial ? paths[0] : undefined)
    if (path === undefined) return undefined
    const known = [...this.pictures].find(([, other]) => other === path)
    const name = known?.[0] ?? `picture-${this.pictures.size + 1}.${extension}`
    this.pictures.set(name, path)
    return name
  }
}

/** The line of a file that has a text first; undefined when none has. */
export function lineWith(text: string, part: string): number | undefined {
  const at = text.indexOf(part)
  return at < 0 ? undefined : text.slice(0, at).split('\n').length
}

/** A labspace of Docker (`labspace.yaml`) → a lesson. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import type { Lesson } from '../format/lesson.ts'
import type { PlainBlock } from '../markdown/tree.ts'
import { readYaml, type YamlDocument } from '../format/yaml-document.ts'
import { buildLesson, GuestFiles, ownName, plainTitle, type ImportedStep } from './build-lesson.ts'
import type { LessonNeeds } from './lesson-needs.ts'
import { importPage } from './import-page.ts'
import type { ImportReport } from './import-report.ts'
import { LabspaceDialect, LabspaceTerminals, PROJECT } from './labspace-dialect.ts'
import { folderOf, resolvePath, textOf } from './lesson-files.ts'
import type { LessonFolder } from './lesson-folder.ts'
import { IMPORT_LIMITS } from './limits.ts'

export const LABSPACE_FILE = 'labspace.yaml'

const KNOWN = new Set(['metadata', 'title', 'description', 'sections', 'services', 'variables'])
/** Fields that are looked at in a mapping. */
const MAX_FIELDS = 40

/** @throws EngineError `corrupt`, with the line, when it is no mapping in YAML */
export function parseLabspace(bytes: Uint8Array): {
  labspace: Record<string, unknown>
  lineOf: YamlDocument['lineOf']
} {
  const document = readYaml(textOf(bytes).replaceAll('\r\n', '\n'))
  if ('message' in document)
    throw new EngineError('corrupt', `labspace.yaml:${document.line}: ${document.message}`)
  if (!isRecord(document.value)) throw new EngineError('corrupt', 'labspace.yaml is no mapping')
  return { labspace: document.value, lineOf: document.lineOf }
}

const sectionsOf = (labspace: Record<string, unknown>): Record<string, unknown>[] =>
  Array.isArray(labspace['sections']) ? (labspace['sections'] as unknown[]).filter(isRecord) : []

/** Files that it names, for those who cannot list the folder. */
export const filesOfLabspace = (labspace: Record<string, unknown>): string[] =>
  sectionsOf(labspace).flatMap(({ contentPath }) => (typeof contentPath === 'string' ? [contentPath] : []))

/** @throws EngineError `corrupt` for a labspace.yaml that cannot be read, `invalid` for one without sections */
export function importLabspace(folder: LessonFolder, report: ImportReport, needs: LessonNeeds): Lesson {
  return new LabspaceImport(folder, report, needs).lesson()
}

class LabspaceImport {
  readonly #folder: LessonFolder
  readonly #report: ImportReport
  readonly #needs: LessonNeeds
  readonly #terminals = new LabspaceTerminals()
  readonly #file: string
  readonly #labspace: Record<string, unknown>
  readonly #lineOf: YamlDocument['lineOf']

  constructor(folder: LessonFolder, report: ImportReport, needs: LessonNeeds) {
    this.#folder = folder
    this.#report = report
    this.#needs = needs
    this.#file = folder.find(LABSPACE_FILE) ?? LABSPACE_FILE
    const { labspace, lineOf } = parseLabspace(folder.files.get(this.#file) ?? new Uint8Array())
    this.#labspace = labspace
    this.#lineOf = lineOf
  }

  lesson(): Lesson {
    const { title, description } = this.#labspace
    const words = plainTitle(typeof title === 'string' ? title : 'Labspace')
    for (const key of Object.keys(this.#labspace).slice(0, MAX_FIELDS))
      if (!KNOWN.has(key)) this.#report.add(this.#file, this.#lineOf([key]), key, 'option')
    const guest = new GuestFiles(this.#report)
    this.#addProject(guest)
    for (const { path, bytes } of guest.all) this.#needs.ofFile(path, textOf(bytes))
    const steps = this.#steps()
    const introduction: PlainBlock[] =
      typeof description === 'string'
        ? [{ kind: 'paragraph', content: [{ kind: 'text', text: plainTitle(description) }] }]
        : []
    return buildLesson(
      ownName(words),
      {
        ...{ title: words, introduction: [...introduction, ...this.#services()], steps, start: undefined },
        ...{ terminals: this.#terminals.names, files: guest.all },
      },
      this.#report,
    )
  }

  #steps(): ImportedStep[] {
    const sections = sectionsOf(this.#labspace)
    const more = sections.length - IMPORT_LIMITS.steps
    if (more > 0)
      this.#report.add(this.#file, this.#lineOf(['sections', IMPORT_LIMITS.steps]), `+ ${more}`, 'size')
    return sections.slice(0, IMPORT_LIMITS.steps).map(({ title, contentPath }, at) => {
      const words = plainTitle(typeof title === 'string' ? title : `Section ${at + 1}`)
      const line = this.#lineOf(['sections', at])
      return {
        id: `section-${at + 1}`,
        title: words,
        blocks: this.#page(contentPath, words, line),
        verify: undefined,
      }
    })
  }

  #page(named: unknown, title: string, line: number): PlainBlock[] {
    if (typeof named !== 'string') return []
    const page = this.#folder.text(this.#file, line, named)
    if (page === undefined) return []
    const { path: file, text } = page
    // Paths of pictures begin at the repository, or at the folder of labspace.yaml.
    const picture = (source: string): string | undefined =>
      this.#folder.picture(file, source, [this.#folder.root, this.#repository])
    const dialect = new LabspaceDialect(file, this.#report, this.#needs, this.#terminals, this.#variables())
    return importPage({ file, text, title, picture }, dialect, this.#report)
  }

  #variables(): Record<string, string> {
    const { variables } = this.#labspace
    if (!isRecord(variables)) return {}
    const plain = Object.entries(variables).filter(([, value]) => ['string', 'number'].includes(typeof value))
    // A value stands in commands and words; one of several lines could end a block and begin another.
    return Object.fromEntries(plain.map(([name, value]) => [name, plainTitle(String(value))]))
  }

  /** Addresses of what the lesson starts, as links to the preview. */
  #services(): PlainBlock[] {
    const services = Array.isArray(this.#labspace['services'])
      ? (this.#labspace['services'] as unknown[])
      : []
    return services.slice(0, MAX_FIELDS).flatMap((service, at): PlainBlock[] => {
      const { title, url } = isRecord(service) ? service : {}
      const port = /^https?:\/\/localhost:(\d{1,5})/.exec(typeof url === 'string' ? url : '')?.[1]
      if (port === undefined) {
        this.#report.add(this.#file, this.#lineOf(['services', at]), String(title ?? url), 'link')
        return []
      }
      const content = [{ kind: 'text' as const, text: plainTitle(typeof title === 'string' ? title : port) }]
      const target = { kind: 'panel' as const, panel: 'preview', item: port, tab: undefined }
      return [{ kind: 'paragraph', content: [{ kind: 'link', target, content }] }]
    })
  }

  /** The folder around that of the labspace, which is the repository. */
  get #repository(): string {
    const name = this.#folder.root.slice(this.#folder.root.lastIndexOf('/') + 1)
    return name === 'labspace' || name === '.labspace' ? folderOf(this.#folder.root) : this.#folder.root
  }

  /** The folder `project` of the repository; where there is none, what is no part of the labspace itself. */
  #addProject(guest: GuestFiles): void {
    const base = this.#repository === '' ? '' : `${this.#repository}/`
    const paths = [...this.#folder.files.keys()].filter((path) => path.startsWith(base))
    const below = paths.map((path) => path.slice(base.length))
    const hasProject = below.some((path) => path.startsWith('project/'))
    for (const path of below) {
      const isOwn =
        /^(?:\.?labspace|\.github|\.claude)\/|^labspace\.yaml$|^compose(?:\.override)?\.ya?ml$/.test(path)
      if (/^compose\.override\.ya?ml$/.test(path))
        this.#report.add(`${base}${path}`, undefined, path, 'option')
      if (hasProject ? !path.startsWith('project/') : isOwn) continue
      const inside = hasProject ? path.slice('project/'.length) : path
      const place = resolvePath(PROJECT.slice(1), inside)
      if (place !== undefined)
        guest.add(`${base}${path}`, `/${place}`, this.#folder.files.get(`${base}${path}`)!)
    }
  }
}

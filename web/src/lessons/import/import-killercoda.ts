/** A scenario of Killercoda (`index.json`) → a lesson. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import type { Lesson } from '../format/lesson.ts'
import type { PlainBlock } from '../markdown/tree.ts'
import { buildLesson, GuestFiles, ownName, plainTitle, quoted, type ImportedStep } from './build-lesson.ts'
import type { LessonNeeds } from './lesson-needs.ts'
import { addAssets } from './killercoda-assets.ts'
import { commandBlock, importPage } from './import-page.ts'
import type { ImportReport } from './import-report.ts'
import { KillercodaDialect } from './killercoda-dialect.ts'
import { lineWith, type LessonFolder } from './lesson-folder.ts'
import { textOf } from './lesson-files.ts'
import { IMPORT_LIMITS } from './limits.ts'

export const KILLERCODA_FILE = 'index.json'

/** Fields that are looked at in a mapping. */
const MAX_FIELDS = 40

const KNOWN = new Set([
  'title',
  'description',
  'details',
  'backend',
  'interface',
  'difficulty',
  'time',
  'icon',
  'type',
])
const KNOWN_DETAILS = new Set(['intro', 'steps', 'finish', 'assets'])
const KNOWN_STEP = new Set([
  ...['title', 'text', 'verify', 'foreground', 'background', 'code', 'courseData', 'credits'],
])

/** The scenario's index. @throws EngineError `corrupt` when it is no mapping in JSON, `too-large` */
export function parseScenario(bytes: Uint8Array): { scenario: Record<string, unknown>; text: string } {
  const text = textOf(bytes)
  if (text.length > IMPORT_LIMITS.indexCharacters)
    throw new EngineError('too-large', `index.json has more than ${IMPORT_LIMITS.indexCharacters} characters`)
  try {
    const scenario: unknown = JSON.parse(text)
    if (isRecord(scenario)) return { scenario, text }
  } catch (error) {
    throw new EngineError('corrupt', 'index.json cannot be read: it is no JSON', {}, error)
  }
  throw new EngineError('corrupt', 'index.json is no scenario: it is no mapping')
}

/** Whether an index is one of Killercoda; other programs have files of that name too. */
export const isScenario = (value: Record<string, unknown>): boolean =>
  isRecord(value['details']) || (typeof value['title'] === 'string' && isRecord(value['backend']))

const recordOr = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})
const listOr = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
const wordsOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)

/** Files that the index names, for those who cannot list the folder. */
export function filesOfScenario(scenario: Record<string, unknown>): string[] {
  const details = recordOr(scenario['details'])
  const steps = [details['intro'], ...listOr(details['steps']), details['finish']].map(recordOr)
  const named = steps.flatMap((step) =>
    ['text', 'verify', 'foreground', 'background', 'code', 'courseData'].map((key) => step[key]),
  )
  const assets = Object.values(recordOr(details['assets'])).flatMap(listOr).map(recordOr)
  const plain = assets
    .map(({ file }) => file)
    .filter((file) => typeof file === 'string' && !file.includes('*'))
  return [...named, ...plain.map((file) => `assets/${String(file)}`)].filter(
    (file) => typeof file === 'string',
  )
}

/** @throws EngineError `corrupt` for an index that cannot be read, `invalid` for one without steps */
export function importKillercoda(folder: LessonFolder, report: ImportReport, needs: LessonNeeds): Lesson {
  return new ScenarioImport(folder, report, needs).lesson()
}

class ScenarioImport {
  readonly #folder: LessonFolder
  readonly #report: ImportReport
  readonly #needs: LessonNeeds
  readonly #guest: GuestFiles
  readonly #file: string
  readonly #scenario: Record<string, unknown>
  readonly #text: string
  readonly #start: string[] = []

  constructor(folder: LessonFolder, report: ImportReport, needs: LessonNeeds) {
    this.#folder = folder
    this.#report = report
    this.#needs = needs
    this.#guest = new GuestFiles(report)
    this.#file = folder.find(KILLERCODA_FILE) ?? KILLERCODA_FILE
    const { scenario, text } = parseScenario(folder.files.get(this.#file) ?? new Uint8Array())
    this.#scenario = scenario
    this.#text = text
  }

  lesson(): Lesson {
    const title = plainTitle(wordsOr(this.#scenario['title'], 'Scenario'))
    const details = recordOr(this.#scenario['details'])
    this.#tellUnknown(this.#scenario, KNOWN)
    this.#tellUnknown(details, KNOWN_DETAILS)
    this.#tellBackend()
    addAssets(recordOr(details['assets']), this.#folder, this.#guest, this.#report, this.#file)
    this.#lookAtGuestFiles()
    const steps = this.#steps(details)
    const description = wordsOr(this.#scenario['description'], '')
    const introduction: PlainBlock[] =
      description === ''
        ? []
        : [{ kind: 'paragraph', content: [{ kind: 'text', text: plainTitle(description) }] }]
    return buildLesson(
      ownName(title),
      {
        ...{ title, introduction, steps, terminals: ['host'], files: this.#guest.all },
        start: this.#start.length === 0 ? undefined : this.#start.join('\n'),
      },
      this.#report,
    )
  }

  /** Scripts of the assets are run by other scripts, or by hand. */
  #lookAtGuestFiles(): void {
    for (const file of this.#guest.all) {
      const text = textOf(file.bytes)
      this.#needs.ofFile(file.path, text)
      if (file.path.endsWith('.sh')) this.#needs.ofBlock(this.#guest.sourceOf(file), 1, text)
    }
  }

  #steps(details: Record<string, unknown>): ImportedStep[] {
    const all: [id: string, title: string, value: unknown][] = [
      ['intro', 'Introduction', details['intro']],
      ...listOr(details['steps']).map((step, at): [string, string, unknown] => [
        `step-${at + 1}`,
        `Step ${at + 1}`,
        step,
      ]),
      ['finish', 'Finish', details['finish']],
    ]
    const there = all.filter(([, , value]) => isRecord(value))
    const more = there.length - IMPORT_LIMITS.steps
    if (more > 0) this.#tell(`+ ${more}`, 'size')
    return there
      .slice(0, IMPORT_LIMITS.steps)
      .map(([id, title, value]) => this.#step(id, title, value as Record<string, unknown>))
  }

  #step(id: string, otherwise: string, step: Record<string, unknown>): ImportedStep {
    const title = plainTitle(wordsOr(step['title'], otherwise))
    this.#tellUnknown(step, KNOWN_STEP)
    const background = this.#script(step['background'] ?? step['courseData'])
    const foreground = this.#script(step['foreground'] ?? step['code'])
    const verify = this.#script(step['verify'])
    const scripts: PlainBlock[] = []
    if (background !== undefined && id === 'intro') this.#startInBackground(background)
    else if (background !== undefined) scripts.push({ kind: 'code', code: commandBlock(background) })
    if (foreground !== undefined) scripts.push({ kind: 'code', code: commandBlock(foreground) })
    return { id, title, blocks: [...scripts, ...this.#page(step['text'], title)], verify }
  }

  #page(named: unknown, title: string): PlainBlock[] {
    if (typeof named !== 'string') return []
    const page = this.#folder.text(this.#file, lineWith(this.#text, named), named)
    if (page === undefined) return []
    const { path: file, text } = page
    const picture = (source: string): string | undefined =>
      this.#folder.picture(file, source, [this.#folder.root])
    const dialect = new KillercodaDialect(file, this.#report, this.#needs)
    return importPage({ file, text, title, picture }, dialect, this.#report)
  }

  /** Puts the script into the guest; the command that runs it there. */
  #script(named: unknown): string | undefined {
    if (typeof named !== 'string') return undefined
    const script = this.#folder.text(this.#file, lineWith(this.#text, named), named)
    if (script === undefined) return undefined
    this.#needs.ofBlock(script.path, 1, script.text)
    const path = `/opt/lesson/${script.path}`
    this.#guest.add(script.path, path, this.#folder.files.get(script.path)!, true)
    return `cd /root && bash ${quoted(path)}`
  }

  /** As Killercoda does it: the learner does not wait, and what the script says is in a file. */
  #startInBackground(command: string): void {
    const log = '/var/log/killercoda'
    this.#start.push(
      `mkdir -p ${log}`,
      `(${command}) < /dev/null > ${log}/background0_stdout.log 2> ${log}/background0_stderr.log &`,
    )
  }

  #tellBackend(): void {
    const image = wordsOr(recordOr(this.#scenario['backend'])['imageid'], 'ubuntu')
    if (image.startsWith('kubernetes')) this.#tell(image, 'cluster')
    const layout = wordsOr(recordOr(this.#scenario['interface'])['layout'], 'terminal')
    if (/ide|editor/.test(layout)) this.#tell(layout, 'editor')
  }

  #tellUnknown(value: Record<string, unknown>, known: ReadonlySet<string>): void {
    for (const key of Object.keys(value).slice(0, MAX_FIELDS)) if (!known.has(key)) this.#tell(key, 'option')
  }

  #tell(what: string, reason: 'size' | 'option' | 'cluster' | 'editor'): void {
    this.#report.add(this.#file, lineWith(this.#text, what), what, reason)
  }
}

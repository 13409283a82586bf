/**
 * Lessons that mean harm, made from seeds. `LESSON_FUZZ=200000 npx vitest run --project unit hostile-lessons` tries more
 * of them; a seed that has failed once is kept below and tried each time.
 */
import { render } from 'svelte/server'
import { expect, test, vi } from 'vitest'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { filesOf } from '../../../../test/support/foreign-lessons.ts'
import { htmlFaults } from '../../../../test/support/lesson-fuzz/html-faults.ts'
import LessonPage from '../../../../test/support/lesson-fuzz/LessonPage.svelte'
import { makeCase, type FuzzCase } from '../../../../test/support/lesson-fuzz/make-case.ts'
import { makeZip } from '../../../../test/support/make-zip.ts'
import { LOCALES, type Locale } from '../../i18n/catalogue.ts'
import type { Lesson } from '../format/lesson.ts'
import { readZip } from '../library/read-zip.ts'
import { importLesson } from './import-lesson.ts'
import { collectFiles } from './lesson-files.ts'
import { IMPORT_LIMITS } from './limits.ts'

// The page's components ask the browser for a clipboard.
vi.stubGlobal('navigator', { clipboard: {} })

const CASES = Number(process.env['LESSON_FUZZ'] ?? 500)
const FROM = Number(process.env['LESSON_FUZZ_FROM'] ?? 1)
/** Cases of a part. */
const PART = 4_000
const KEPT_SEEDS: number[] = []

/** Cases that are told of. */
const MOST_SHOWN = 20

/** Milliseconds of the processor that a lesson of some kilobytes may take, on a machine that does other things too. */
const MOST_TIME = 3_000
/** Characters that the page may draw for one of a lesson's: each block has its buttons. */
const MOST_GROWTH = 150

/** The faults of one case; none when it was refused in our own words or is drawn without harm. */
function faultsOf({ seed, files }: FuzzCase): { faults: string[]; drawn: boolean } {
  const began = process.cpuUsage()
  const faults: string[] = []
  let lesson: Lesson | undefined
  try {
    lesson = importLesson('fuzz', filesOf(Object.fromEntries(files))).lesson
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === 'internal') faults.push(`it threw ${String(error)}`)
  }
  if (lesson !== undefined) {
    // Languages take turns: both draw the same parts.
    const locale = LOCALES[seed % LOCALES.length]!
    faults.push(...lessonFaults(lesson, locale, [...files.values()].join('').length))
  }
  const { user, system } = process.cpuUsage(began)
  if (user + system > MOST_TIME * 1000) faults.push(`it took ${(user + system) / 1000} ms`)
  if ('polluted' in {}) faults.push('it changed all objects')
  return { faults, drawn: lesson !== undefined }
}

function lessonFaults(lesson: Lesson, locale: Locale, size: number): string[] {
  const { body } = render(LessonPage, { props: { lesson, locale } })
  const faults = htmlFaults(body)
  if (body.length > 50_000 + size * MOST_GROWTH) faults.push(`it draws ${body.length} characters for ${size}`)
  for (const { path } of lesson.files)
    if (!path.startsWith('/') || path.split('/').includes('..')) faults.push(`the guest's file ${path}`)
  if (lesson.unsupported.length > IMPORT_LIMITS.listed + 1) faults.push('its list has no end')
  return faults
}

/** A long run tells how far it is: the first seed of each part. */
const PARTS = Array.from({ length: Math.ceil(CASES / PART) }, (_, part) => FROM + part * PART)

test.each(PARTS)(
  'hostile lessons run nothing, and harm nothing: seeds from %d',
  { timeout: 60_000 + PART * 100 },
  (first) => {
    const last = Math.min(first + PART, FROM + CASES)
    const seeds = [...KEPT_SEEDS, ...Array.from({ length: last - first }, (_, at) => first + at)]
    const results = seeds.map((seed) => ({ seed, ...faultsOf(makeCase(seed)) }))
    const failed = results.filter(({ faults }) => faults.length > 0)
    expect(failed.slice(0, MOST_SHOWN)).toEqual([])
    // Cases that are refused at once would try nothing.
    expect(results.filter(({ drawn }) => drawn).length / seeds.length).toBeGreaterThan(0.4)
  },
)

test('a zip that is broken anywhere is refused in our own words, or gives files within the limits', async () => {
  const whole = makeZip(
    [...makeCase(1).files].map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) })),
  )
  for (let seed = 1; seed <= 300; seed++) {
    const bytes = whole.slice()
    for (let change = 0; change < 3; change++)
      bytes[(seed * 7919 + change * 104_729) % bytes.length] = (seed * 31) & 0xff
    try {
      const { files } = await collectFiles(readZip(bytes))
      expect(Math.max(0, ...[...files.values()].map(({ length }) => length))).toBeLessThan(
        IMPORT_LIMITS.fileBytes,
      )
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError)
    }
  }
})

const many = (piece: string) => piece.repeat(Math.floor(190_000 / piece.length))

test.each([
  ...[
    '![',
    '[',
    '](',
    '[x](',
    '<a ',
    '<!--',
    '<details>',
    '<details><summary>',
    '`',
    '``` ',
    '{{',
    '$$',
    '$$a',
    ':tabLink[',
    '::x[',
  ],
  ...[
    'http://',
    '> ',
    '- ',
    '1. ',
    '| ',
    '\n```\n',
    '\n:::\n',
    '&amp;',
    '<img src="',
    '\\',
    '*a ',
    '\u202e',
    '\r',
    'FROM ',
    'docker run -t ',
    '&&',
  ],
])('%j in great number ends', (piece) => {
  const section = { title: 'x', contentPath: 'a.md', text: 'a.md' }
  const cases = {
    'labspace.yaml': { index: { title: 'x', sections: [section] }, page: many(piece) },
    'index.json': {
      index: { title: 'x', details: { steps: [section] } },
      page: `\`\`\`bash\n${many(piece).slice(0, 15_000)}\n\`\`\`{{exec}}\n`,
    },
  }
  for (const [file, { index, page }] of Object.entries(cases)) {
    const began = process.cpuUsage()
    const { lesson } = importLesson('x', filesOf({ [file]: JSON.stringify(index), 'a.md': page }))
    expect(lesson.prose.en.steps).toHaveLength(1)
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(MOST_TIME)
  }
})

test.each([
  '<script>1</script>',
  '<p onclick="x">a</p>',
  '<a href="javascript:1">a</a>',
  '<a href="//evil.example">a</a>',
  '<img src="data:x" alt="">',
  '<p style="position:fixed">a</p>',
  '<iframe>',
  'a < b',
])('the guard sees %s', (html) => {
  expect(htmlFaults(html)).not.toEqual([])
  expect(htmlFaults('<p class="s-1">a &lt;script> <a href="#one">b</a></p>')).toEqual([])
})

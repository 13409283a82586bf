import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LESSON_PANELS } from '../../../web/src/lessons/format/panels.ts'
import { PANELS } from '../../../web/src/state/view-state.svelte.ts'
import { ownLessons, readLessonFolders } from './lesson-folder.ts'

const YAML = 'format: 1\nminutes: 1\ntasks:\n  - {id: make, check: {file: /x}, solve: touch /x}\n'
const prose = (words: string) => `# A lesson\n\n${words}\n\n## One {#one}\n\n::task{id=make} Make it.\n`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lessons-'))
  await lesson('good', 'See [the other](../other#one), ![a picture](a.svg).')
  await lesson('other', 'Nothing.')
  await lesson('bad', 'See [none](../none), [no step](../other#two), ![no picture](b.svg).')
  await writeFile(join(folder, 'good/a.svg'), '<svg/>')
})
afterAll(() => rm(folder, { recursive: true }))

async function lesson(name: string, words: string): Promise<void> {
  await mkdir(join(folder, name))
  await writeFile(join(folder, name, 'lesson.yaml'), YAML)
  for (const file of ['en.md', 'zh-CN.md']) await writeFile(join(folder, name, file), prose(words))
}

test('our own lessons are whole: schema, links and both languages', async () => {
  const lessons = await readLessonFolders(await ownLessons())
  expect(lessons.length).toBeGreaterThan(10)
  expect(lessons.filter(({ problems }) => problems.length > 0)).toEqual([])
})

test('links between lessons and pictures lead somewhere', async () => {
  const [good, bad] = await readLessonFolders(['good', 'bad'].map((name) => join(folder, name)))
  expect(good!.problems).toEqual([])
  expect(bad!.problems.filter((problem) => problem.startsWith('en.md'))).toEqual([
    'en.md: there is no b.svg',
    'en.md: there is no lesson “none”',
    'en.md: the lesson “other” has no step “two”',
  ])
})

test('what is no lesson says what is missing', async () => {
  const [none] = await readLessonFolders([join(folder, 'nothing')])
  expect(none!.problems).toEqual(['lesson.yaml: is missing', 'en.md: is missing', 'zh-CN.md: is missing'])
})

test('what is no file is missing, and what is too long is not read to its end', async () => {
  await mkdir(join(folder, 'odd/en.md'), { recursive: true })
  await symlink('/dev/zero', join(folder, 'odd/zh-CN.md'))
  await writeFile(join(folder, 'odd/lesson.yaml'), '#'.repeat(3 << 20))
  const [odd] = await readLessonFolders([join(folder, 'odd')])
  expect(odd!.problems).toEqual([
    'en.md: is missing',
    'zh-CN.md: is missing',
    'lesson.yaml:1: more than 64000 characters',
  ])
})

test('lessons know each panel of the page', () => {
  expect(Object.keys(LESSON_PANELS).sort()).toEqual([...PANELS].sort())
})

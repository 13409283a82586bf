import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLessonIndex } from '../../../web/src/lessons/format/lesson-index.ts'
import { readLessonFolders } from './lesson-folder.ts'
import { newLesson } from './new-lesson.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lessons-'))
  await writeFile(join(folder, 'index.yaml'), '# Ours.\nformat: 1\nlessons:\n  - chroot\n')
})
afterEach(() => rm(folder, { recursive: true }))

test('a new lesson is whole, and the last of the index', async () => {
  const path = await newLesson(folder, 'my-own')
  expect((await readLessonFolders([path]))[0]).toMatchObject({ name: 'my-own', problems: [] })
  const index = await readFile(join(folder, 'index.yaml'), 'utf8')
  expect(readLessonIndex(index, 'index.yaml')).toEqual(['chroot', 'my-own'])
  expect(index).toMatch(/^# Ours\./)
})

test.each([
  ['My Own', 'invalid'],
  ['../out', 'invalid'],
  ['chroot', 'conflict'],
])('“%s” is refused, and nothing is written', async (name, code) => {
  const before = await readFile(join(folder, 'index.yaml'), 'utf8')
  await expect(newLesson(folder, name)).rejects.toMatchObject({ code })
  expect(await readFile(join(folder, 'index.yaml'), 'utf8')).toBe(before)
})

test('a folder that is there is left alone', async () => {
  await newLesson(folder, 'mine')
  await writeFile(join(folder, 'index.yaml'), 'format: 1\nlessons:\n  - chroot\n')
  await writeFile(join(folder, 'mine/en.md'), 'my words')
  await expect(newLesson(folder, 'mine')).rejects.toMatchObject({ code: 'conflict' })
  expect(await readFile(join(folder, 'mine/en.md'), 'utf8')).toBe('my words')
})

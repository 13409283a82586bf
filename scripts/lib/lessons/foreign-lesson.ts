/** Lessons of other makers and Markdown files of this machine, as they are tried: folders of the disk → lessons. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Lesson } from '../../../web/src/lessons/format/lesson.ts'
import { importLesson } from '../../../web/src/lessons/import/import-lesson.ts'
import { collectFiles, type FileEntry } from '../../../web/src/lessons/import/lesson-files.ts'
import { imagesOf } from '../../../web/src/lessons/library/site-images.ts'
import { imagesDir } from '../paths.ts'
import { lessonOfMarkdown } from './markdown-file.ts'

export const isMarkdown = (path: string): boolean => /\.(?:md|markdown)$/i.test(path)

/**
 * The lesson of another maker in a folder, or of a Markdown file. Rejects with EngineError: what is wrong with it.
 *
 * @param images references of images that are at hand besides those of every site
 */
export async function readForeignLesson(path: string, images: readonly string[]): Promise<Lesson> {
  const name = basename(resolve(path))
  if (isMarkdown(path)) return lessonOfMarkdown(name, await readFile(path, 'utf8'), images)
  return importLesson(name, await collectFiles(entriesOf(path, '')), images).lesson
}

/** References of the images that the guest has at hand. */
export async function bundledImages(): Promise<string[]> {
  return imagesOf(JSON.parse(await readFile(join(imagesDir, 'index.json'), 'utf8')))
}

/** Files of a folder and of those below; what else is there, such as links and pipes, is no part of a lesson. */
async function* entriesOf(root: string, below: string): AsyncGenerator<FileEntry> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules')
      yield* entriesOf(root, path)
    else if (entry.isFile()) {
      const { size } = await stat(join(root, path))
      yield { path, size, read: async () => new Uint8Array(await readFile(join(root, path))) }
    }
  }
}

/** Keeps how long each test file took from run to run, so that `npm test` can report on all its runs at once. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from './paths.ts'

/** Holds a file for each project of vitest.config.ts, with the times of its last run. */
const HOME = join(projectRoot, 'node_modules/.cache/porthole/file-times')

export interface FileTime {
  project: string
  /** The path below the checkout. */
  file: string
  milliseconds: number
}

/** Replaces the stored times of each project that `times` has files of. */
export async function keepFileTimes(times: FileTime[]): Promise<void> {
  await mkdir(HOME, { recursive: true })
  for (const project of new Set(times.map((time) => time.project))) {
    const own = times.filter((time) => time.project === project)
    await writeFile(join(HOME, `${project}.json`), JSON.stringify(own))
  }
}

export async function keptFileTimes(): Promise<FileTime[]> {
  const files = (await readdir(HOME)).map((name) => readFile(join(HOME, name), 'utf8'))
  return (await Promise.all(files)).flatMap((text) => JSON.parse(text) as FileTime[])
}

/** A line per file, the slowest first. */
export function describeSlowest(times: FileTime[], count: number): string {
  const slowest = times.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, count)
  const lines = slowest.map(({ project, file, milliseconds }) => {
    const seconds = (milliseconds / 1000).toFixed(1).padStart(7)
    return `${seconds} s  ${project.padEnd(5)}  ${file}\n`
  })
  return lines.join('')
}

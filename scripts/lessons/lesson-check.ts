/**
 * `npm run lesson:check -- [--no-guest] [folder …]`: whether lessons are whole, all of lessons/ by default. Schema, links,
 * both languages; then the lessons one after the other in a guest: every check fails before its task's solution and holds
 * after it. A table on stdout; exit status 1 when something is wrong.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EngineError } from '../../guest/protocol/errors.ts'
import { withoutHidden } from '../../web/src/lessons/markdown/hidden-characters.ts'
import { buildArtefacts } from '../artefacts.ts'
import { ownLessons, readLessonFolders, type LessonFolder } from '../lib/lessons/lesson-folder.ts'
import { tryLesson, type TaskReport } from '../lib/lessons/try-lesson.ts'
import { isMain, main } from '../lib/main.ts'
import { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { guestDir } from '../lib/paths.ts'

const USAGE = 'npm run lesson:check -- [--no-guest] [folder …]'

export function parseLessonCheckArguments(argv: string[]): { folders: string[]; guest: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { 'no-guest': { type: 'boolean' } },
    })
    return { folders: positionals, guest: values['no-guest'] !== true }
  } catch (error) {
    throw new EngineError('invalid', `${(error as Error).message}\nusage: ${USAGE}`)
  }
}

interface Row {
  lesson: string
  /** How many tasks do what they must, of how many. */
  before: string
  after: string
  seconds: string
  faults: string[]
}

const untried = (lesson: string, faults: string[]): Row => ({
  ...{ lesson, before: '', after: '', seconds: '', faults },
})

async function checkInGuest(
  machine: HeadlessMachine,
  { name, lesson, problems }: LessonFolder,
): Promise<Row> {
  if (lesson === undefined || problems.length > 0) return untried(name, problems)
  const began = performance.now()
  try {
    return rowOf(name, await tryLesson(machine, lesson), began)
  } catch (error) {
    return untried(name, [EngineError.from(error).message])
  }
}

function rowOf(lesson: string, tasks: readonly TaskReport[], began: number): Row {
  const share = (good: (task: TaskReport) => boolean): string =>
    `${tasks.filter(good).length}/${tasks.length}`
  return {
    lesson,
    before: share(({ failedBefore }) => failedBefore),
    after: share(({ heldAfter }) => heldAfter),
    seconds: ((performance.now() - began) / 1000).toFixed(1),
    faults: tasks.flatMap(({ id, faults }) => faults.map((fault) => `${id}: ${fault}`)),
  }
}

const COLUMNS = [28, 15, 12, 9] as const

/** What a lesson or its guest says may hold what a terminal would obey. */
const say = (line: string): void => console.log(withoutHidden(line))

function print(cells: readonly string[]): void {
  say(
    cells
      .map((cell, at) => cell.padEnd(COLUMNS[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function printRow({ lesson, before, after, seconds, faults }: Row): void {
  print([lesson, before, after, seconds, faults.length === 0 ? 'ok' : 'wrong'])
  for (const fault of faults) say(`    ${fault}`)
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { folders, guest } = parseLessonCheckArguments(process.argv.slice(2))
    const read = await readLessonFolders(folders.length > 0 ? folders : await ownLessons())
    if (guest && !existsSync(join(guestDir, 'manifest.json'))) await buildArtefacts()
    const machine = guest ? await HeadlessMachine.start() : undefined
    print(['lesson', 'fails before', 'holds after', 'seconds', 'result'])
    for (const folder of read) {
      const row = machine ? await checkInGuest(machine, folder) : untried(folder.name, folder.problems)
      printRow(row)
      if (row.faults.length > 0) process.exitCode = 1
    }
    await machine?.close()
  })
}

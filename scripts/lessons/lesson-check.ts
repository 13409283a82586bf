/**
 * `npm run lesson:check -- [--no-guest] [--as IMAGE=OTHER] [folder or file …]`: whether lessons are whole, all of lessons/
 * by default. Of ours: schema, links, both languages; then one after the other in a guest: every check fails before its
 * task's solution and holds after it. Of other makers and of Markdown files: every block is run in a guest's shell. A table
 * on stdout; exit status 1 when something is wrong.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EngineError } from '../../guest/protocol/errors.ts'
import { LOGIC_FILE } from '../../web/src/lessons/format/read-lesson.ts'
import { buildArtefacts } from '../artefacts.ts'
import { checkForeign } from '../lib/lessons/check-foreign.ts'
import { isMarkdown } from '../lib/lessons/foreign-lesson.ts'
import { ownLessons, readLessonFolders, type LessonFolder } from '../lib/lessons/lesson-folder.ts'
import { print, say } from '../lib/lessons/lesson-table.ts'
import { tryLesson, type TaskReport } from '../lib/lessons/try-lesson.ts'
import { isMain, main } from '../lib/main.ts'
import { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { guestDir } from '../lib/paths.ts'

const USAGE = 'npm run lesson:check -- [--no-guest] [--as IMAGE=OTHER] [folder or file …]'

export interface LessonCheckArguments {
  paths: string[]
  guest: boolean
  /** Images that stand for others, which are not at hand: pairs of the wanted name and the one that is there. */
  standIns: [wanted: string, there: string][]
}

export function parseLessonCheckArguments(argv: string[]): LessonCheckArguments {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { 'no-guest': { type: 'boolean' }, as: { type: 'string', multiple: true } },
    })
    const standIns = (values.as ?? []).map((pair): [string, string] => {
      const [wanted = '', there = '', ...rest] = pair.split('=')
      if (wanted === '' || there === '' || rest.length > 0)
        throw new Error(`--as takes IMAGE=OTHER, not “${pair}”`)
      return [wanted, there]
    })
    return { paths: positionals, guest: values['no-guest'] !== true, standIns }
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

function printRow({ lesson, before, after, seconds, faults }: Row): void {
  print([lesson, before, after, seconds, faults.length === 0 ? 'ok' : 'wrong'], COLUMNS)
  for (const fault of faults) say(`    ${fault}`)
}

async function checkOwn(machine: HeadlessMachine | undefined, folders: readonly string[]): Promise<boolean> {
  const read = await readLessonFolders(folders)
  print(['lesson', 'fails before', 'holds after', 'seconds', 'result'], COLUMNS)
  let isWhole = true
  for (const folder of read) {
    const row = machine ? await checkInGuest(machine, folder) : untried(folder.name, folder.problems)
    printRow(row)
    isWhole &&= row.faults.length === 0
  }
  return isWhole
}

const isForeign = (path: string): boolean => isMarkdown(path) || !existsSync(join(path, LOGIC_FILE))

if (isMain(import.meta.url)) {
  await main(async () => {
    const { paths, guest, standIns } = parseLessonCheckArguments(process.argv.slice(2))
    const given = paths.length > 0 ? paths : await ownLessons()
    if (guest && !existsSync(join(guestDir, 'manifest.json'))) await buildArtefacts()
    const machine = guest ? await HeadlessMachine.start() : undefined
    const own = given.filter((path) => !isForeign(path))
    let isWhole = own.length === 0 || (await checkOwn(machine, own))
    for (const path of given.filter(isForeign))
      isWhole = (await checkForeign(machine, path, standIns)) && isWhole
    if (!isWhole) process.exitCode = 1
    await machine?.close()
  })
}

/** Tries a lesson of another maker or a Markdown file, and tells of each block what became of it. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { HeadlessMachine } from '../machine/headless-machine.ts'
import { planBlocks } from './block-plan.ts'
import { bundledImages, readForeignLesson } from './foreign-lesson.ts'
import { print, say } from './lesson-table.ts'
import { clearGuest, runBlocks, type BlockReport } from './run-blocks.ts'

const COLUMNS = [14, 8] as const
const TITLE = 100

/**
 * Resolves with whether nothing is wrong. Without a machine, says what would be run and what is listed.
 *
 * @param standIns images that are tagged as others before it begins
 */
export async function checkForeign(
  machine: HeadlessMachine | undefined,
  path: string,
  standIns: readonly (readonly [wanted: string, there: string])[],
): Promise<boolean> {
  say(`\n${path}`)
  const reports: BlockReport[] = []
  const report = (block: BlockReport): void => {
    reports.push(block)
    printBlock(block)
  }
  try {
    const images = [...(await bundledImages()), ...standIns.map(([wanted]) => wanted)]
    const lesson = await readForeignLesson(path, images)
    if (machine === undefined) for (const part of planBlocks(lesson)) report({ ...part, ...untried(part) })
    else {
      await tagStandIns(machine, standIns)
      await runBlocks(machine, lesson, report)
      await clearGuest(machine)
    }
  } catch (error) {
    say(`    ${EngineError.from(error).message}`)
    return false
  }
  say(summary(reports))
  return reports.every(({ result }) => result !== 'wrong')
}

const untried = ({ listed }: { listed: string | undefined }): Pick<BlockReport, 'result' | 'note'> =>
  listed === undefined ? { result: 'ok', note: 'not tried' } : { result: 'listed', note: listed }

function printBlock({ place, title, result, note }: BlockReport): void {
  const what = title.length > TITLE ? `${title.slice(0, TITLE)}…` : title
  print([place, result, note === '' ? what : `${what}  — ${note}`], COLUMNS)
}

function summary(reports: readonly BlockReport[]): string {
  const count = (result: BlockReport['result']): number =>
    reports.filter((each) => each.result === result).length
  const results = ['ok', 'goes on', 'asks', 'listed', 'wrong'] as const
  const shares = results.filter((result) => count(result) > 0).map((result) => `${count(result)} ${result}`)
  return `${reports.length} blocks: ${shares.join(', ')}`
}

async function tagStandIns(
  machine: HeadlessMachine,
  standIns: readonly (readonly [wanted: string, there: string])[],
): Promise<void> {
  for (const [wanted, there] of standIns) {
    await machine.output(`docker pull -q '${there.replaceAll("'", '')}'`)
    await machine.output(`docker tag '${there.replaceAll("'", '')}' '${wanted.replaceAll("'", '')}'`)
  }
}

/** Runs the blocks of an imported lesson or of a Markdown file in a headless guest, in order, as a learner's clicks do. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { evaluate } from '../../../web/src/lessons/checks/evaluate.ts'
import { gatherFacts } from '../../../web/src/lessons/checks/gather-facts.ts'
import { lessonGuest, type LessonGuest } from '../../../web/src/lessons/checks/lesson-guest.ts'
import type { Lesson, Task } from '../../../web/src/lessons/format/lesson.ts'
import { putFiles } from '../../../web/src/state/lessons/put-files.ts'
import type { HeadlessMachine } from '../machine/headless-machine.ts'
import { planBlocks, type BlockPart } from './block-plan.ts'
import { outputDifference } from './expected-output.ts'
import { goesOn } from './goes-on.ts'
import { GuestShell, type Entered } from './guest-shell.ts'

/** Seconds of the guest's own time that a block may take; and one that by its words never ends. */
const PATIENCE = 240
const FOLLOWING_PATIENCE = 4
/** Looks at a service that comes up, and at what a script verifies. */
const UP_PATIENCE = 30

export interface BlockReport {
  place: string
  title: string
  /** `ok`, `goes on`: a program that ends with Ctrl+C; `asks`: one that waits for lines; `listed`: not tried, for a reason. */
  result: 'ok' | 'goes on' | 'asks' | 'listed' | 'wrong'
  note: string
}

/** Rejects when the lesson cannot begin, or the machine is lost. */
export async function runBlocks(
  machine: HeadlessMachine,
  lesson: Lesson,
  onReport: (report: BlockReport) => void,
): Promise<void> {
  const guest = lessonGuest(machine.transport)
  await putFiles(guest, lesson.files)
  if (lesson.start !== undefined) await guest.run(['bash', '-ec', lesson.start])
  const run = new BlockRun(machine, guest, lesson.terminals[0]!.name)
  try {
    for (const part of planBlocks(lesson)) {
      const { place, title } = part
      onReport({ place, title, ...(await run.part(part)) })
    }
  } finally {
    run.close()
  }
}

type Outcome = Pick<BlockReport, 'result' | 'note'>

const OK: Outcome = { result: 'ok', note: '' }

class BlockRun {
  readonly #machine: HeadlessMachine
  readonly #guest: LessonGuest
  readonly #first: string
  readonly #shells = new Map<string, GuestShell>()

  constructor(machine: HeadlessMachine, guest: LessonGuest, first: string) {
    this.#machine = machine
    this.#guest = guest
    this.#first = first
  }

  close(): void {
    for (const shell of this.#shells.values()) shell.close()
  }

  async part(part: BlockPart): Promise<Outcome> {
    if (part.listed !== undefined) return { result: 'listed', note: part.listed }
    if (part.kind === 'write') return this.#write(part.path, part.text)
    if (part.kind === 'verify') return this.#verify(part.task)
    const shell = await this.#shell(part.code.terminal ?? this.#first, part.code.interrupt)
    for (const { command, output } of part.commands) {
      const isEndless = goesOn(command)
      const patience = isEndless ? FOLLOWING_PATIENCE : PATIENCE
      const entered = await this.#untilUp(command, () => shell.enter(command, patience))
      const outcome = judged(entered, output, isEndless)
      if (outcome.result !== 'ok' || command === part.commands.at(-1)?.command) return outcome
    }
    return OK
  }

  /**
   * A learner asks a service that the block before has started when it is up, or once more. What it takes to come up is the
   * guest's own time, of which a second is left between two attempts.
   */
  async #untilUp(command: string, enter: () => Promise<Entered>): Promise<Entered> {
    let entered = await enter()
    for (let waited = 0; waited < UP_PATIENCE && isNotUp(command, entered); waited++) {
      await this.#guest.run(['sleep', '1'])
      entered = await enter()
    }
    return entered
  }

  /** The terminal's shell. What goes on in it is interrupted, as a learner does who comes to the next block. */
  async #shell(name: string, interrupt: boolean): Promise<GuestShell> {
    const known = this.#shells.get(name)
    if (known !== undefined && !known.isClosed) {
      if (known.waits || (known.asks && !interrupt) || (await known.interrupt())) return known
      known.close()
    }
    const shell = await GuestShell.open(this.#machine.transport, name)
    this.#shells.set(name, shell)
    return shell
  }

  async #write(path: string, text: string): Promise<Outcome> {
    const bytes = new TextEncoder().encode(`${text}\n`)
    await putFiles(this.#guest, [{ path, bytes, executable: false }])
    return { result: 'ok', note: `written to ${path}` }
  }

  async #verify({ check }: Task): Promise<Outcome> {
    for (let waited = 0; waited < UP_PATIENCE; waited++) {
      if (evaluate(check, await gatherFacts(this.#guest, [check], [])).holds) return OK
      await this.#guest.run(['sleep', '1'])
    }
    return {
      result: 'wrong',
      note: 'the script that verifies does not end with 0 after the blocks of the step',
    }
  }
}

/** curl's statuses for a port that nothing answers at: refused, an empty answer, reset. */
const NOT_UP = [7, 52, 56]

const isNotUp = (command: string, { kind, status }: Entered): boolean =>
  kind === 'ended' && NOT_UP.includes(status) && /\bcurl\b/.test(command)

function judged({ kind, status, text }: Entered, output: string | undefined, follows: boolean): Outcome {
  const end = text.split('\n').slice(-6).join(' ⏎ ').slice(-400)
  if (kind === 'runs')
    return follows
      ? { result: 'goes on', note: 'until Ctrl+C' }
      : { result: 'wrong', note: `it has not ended after ${PATIENCE} s: ${end}` }
  if (kind === 'asks') return { result: 'asks', note: text.slice(text.lastIndexOf('\n') + 1) }
  if (status !== 0) return { result: 'wrong', note: `it ended with ${status}: ${end}` }
  const difference = output === undefined ? undefined : outputDifference(output, text)
  return difference === undefined ? OK : { result: 'wrong', note: difference }
}

/** Removes what one lesson left, for the next. */
export async function clearGuest(machine: HeadlessMachine): Promise<void> {
  const { code, stderr } = await machine.exec('docker ps -aq | xargs -r docker rm -fv')
  if (code !== 0) throw new EngineError('internal', `the containers could not be removed: ${stderr.trim()}`)
}

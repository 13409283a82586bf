/** Goes through a lesson in a guest: each task's check fails before its `solve` and holds after it. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { evaluate, type Verdict } from '../../../web/src/lessons/checks/evaluate.ts'
import { gatherFacts, type TypedLine } from '../../../web/src/lessons/checks/gather-facts.ts'
import { lessonGuest, type LessonGuest } from '../../../web/src/lessons/checks/lesson-guest.ts'
import type { Check } from '../../../web/src/lessons/format/check.ts'
import type { Lesson, Task } from '../../../web/src/lessons/format/lesson.ts'
import type { HeadlessMachine } from '../machine/headless-machine.ts'
import { unmetText } from './unmet-text.ts'

/** Milliseconds in which what `solve` started in the background must have come up. */
const PATIENCE = 120_000
/** Milliseconds for which a solution may run. */
const SOLVE_PATIENCE = 180_000

export interface TaskReport {
  id: string
  /** The check failed before `solve`, as it must. */
  failedBefore: boolean
  /** The check held after it, as it must. */
  heldAfter: boolean
  seconds: number
  /** What is wrong; empty when nothing is. */
  faults: string[]
}

/**
 * Several lessons are tried on one machine, one after the other, as a learner goes through them: a start costs more than
 * most lessons do. Of each, the containers are removed at its end, and the rest stays.
 *
 * Rejects when the lesson cannot begin, or the machine is lost.
 */
export async function tryLesson(machine: HeadlessMachine, lesson: Lesson): Promise<TaskReport[]> {
  const guest = lessonGuest(machine.transport)
  try {
    for (const image of lesson.images) await mustRun(guest, ['docker', 'pull', '-q', image])
    if (lesson.start !== undefined) await mustRun(guest, ['bash', '-ec', lesson.start])
    const reports: TaskReport[] = []
    for (const task of lesson.tasks) reports.push(await tryTask(guest, task, lesson.terminals[0]!.name))
    return reports
  } finally {
    await mustRun(guest, ['sh', '-c', 'docker ps -aq | xargs -r docker rm -f'])
  }
}

async function mustRun(guest: LessonGuest, command: string[]): Promise<void> {
  const { code, stderr } = await guest.run(command)
  if (code !== 0)
    throw new EngineError('invalid', `«${command.join(' ')}» failed with ${code}: ${stderr.trim()}`)
}

async function tryTask(guest: LessonGuest, task: Task, terminal: string): Promise<TaskReport> {
  const began = performance.now()
  const faults: string[] = []
  const before = await judge(guest, task, [])
  if (before.check.holds) faults.push('its check holds before it is solved')
  if (before.failed) faults.push('it counts as failed before anything was done')
  const { code, said } = await solve(guest, task)
  if (code !== 0) faults.push(`its solution ended with ${code}: ${said.trim().slice(-500)}`)
  const after = await eventually(guest, task, typedLines(task.solve, terminal, code))
  if (after.check.unmet !== undefined)
    faults.push(`its check does not hold after its solution: ${unmetText(after.check.unmet)}`)
  if (after.failed) faults.push('it counts as failed after its solution')
  const seconds = (performance.now() - began) / 1000
  return { id: task.id, failedBefore: !before.check.holds, heldAfter: after.check.holds, seconds, faults }
}

async function solve(guest: LessonGuest, task: Task): Promise<{ code: number; said: string }> {
  const signal = AbortSignal.timeout(SOLVE_PATIENCE)
  try {
    const { code, stdout, stderr } = await guest.run(['bash', '-ec', task.solve], { signal })
    return { code, said: stderr || stdout }
  } catch (error) {
    if (!signal.aborted) throw error
    return { code: 137, said: `it was killed after ${SOLVE_PATIENCE / 1000} s` }
  }
}

interface Judgement {
  check: Verdict
  failed: boolean
}

/** Hints are looked at too: one that cannot be evaluated is a fault of the lesson. */
async function judge(guest: LessonGuest, task: Task, typed: readonly TypedLine[]): Promise<Judgement> {
  const { check, fail, hints } = task
  const checks: Check[] = [
    check,
    ...(fail === undefined ? [] : [fail]),
    ...hints.flatMap(({ when }) => when ?? []),
  ]
  const facts = await gatherFacts(guest, checks, typed)
  for (const other of checks) evaluate(other, facts)
  return { check: evaluate(check, facts), failed: fail !== undefined && evaluate(fail, facts).holds }
}

/**
 * Looks again while what was started comes up. A look takes the guest's processor from what it looks at, engine and shells
 * before containers, so that a second of the guest's own time is left between two.
 */
async function eventually(guest: LessonGuest, task: Task, typed: readonly TypedLine[]): Promise<Judgement> {
  const end = performance.now() + PATIENCE
  let judgement = await judge(guest, task, typed)
  while (!judgement.check.holds && performance.now() < end) {
    await mustRun(guest, ['sleep', '1'])
    judgement = await judge(guest, task, typed)
  }
  return judgement
}

/** A solution stands for what a learner types, line by line; the last line is what was typed last. */
function typedLines(solve: string, terminal: string, status: number): TypedLine[] {
  const lines = solve.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return lines.slice(-1).map((line) => ({ terminal, line, status }))
}

/** What lesson.yaml and the prose must agree on, and the languages with each other. */
import type { CodeBlock } from '../markdown/code-block.ts'
import type { Logic, Prose, Step } from './lesson.ts'
import { wrongPanel } from './panels.ts'
import { codeOf, linksIn, passagesOf } from './references.ts'

/** @param step the id of the step it is about, undefined for the file as a whole */
export type ReportDisagreement = (step: string | undefined, message: string) => void

type Kind = 'task' | 'quiz' | 'notes'

/** Whether the prose places each part of the logic one time, says what it must, and names only what there is. */
export function compareWithLogic(logic: Logic, prose: Prose, report: ReportDisagreement): void {
  const parts: Record<Kind, string[]> = {
    task: logic.tasks.map(({ id }) => id),
    quiz: logic.quizzes.map(({ id }) => id),
    notes: logic.notes,
  }
  for (const kind of Object.keys(parts) as Kind[]) comparePlaces(kind, parts[kind], prose, report)
  compareHints(logic, prose, report)
  compareOptions(logic, prose, report)
  checkReferences(logic, prose, report)
}

function comparePlaces(
  kind: Kind,
  ids: readonly string[],
  { steps }: Prose,
  report: ReportDisagreement,
): void {
  const placed = new Set<string>()
  for (const step of steps) {
    for (const id of idsOf(kind, step)) {
      if (!ids.includes(id)) report(step.id, `lesson.yaml has no ${kind} “${id}”`)
      if (placed.has(id)) report(step.id, `::${kind}{id=${id}} is there twice`)
      placed.add(id)
    }
  }
  for (const id of ids) if (!placed.has(id)) report(undefined, `::${kind}{id=${id}} is missing`)
}

function compareHints({ tasks }: Logic, { hints, fails }: Prose, report: ReportDisagreement): void {
  for (const { id, hints: wanted, fail } of tasks) {
    const said = hints.get(id) ?? new Map<string, unknown>()
    for (const hint of wanted)
      if (!said.has(hint.id)) report(undefined, `::hint{task=${id} id=${hint.id}} is missing`)
    for (const hint of said.keys())
      if (!wanted.some((known) => known.id === hint))
        report(undefined, `lesson.yaml has no hint “${hint}” of “${id}”`)
    if (fail !== undefined && !fails.has(id)) report(undefined, `::fail{task=${id}} is missing`)
    if (fail === undefined && fails.has(id)) report(undefined, `lesson.yaml has no fail of “${id}”`)
  }
  const known = new Set(tasks.map(({ id }) => id))
  for (const id of [...hints.keys(), ...fails.keys()])
    if (!known.has(id)) report(undefined, `lesson.yaml has no task “${id}”`)
}

function compareOptions({ quizzes }: Logic, { steps }: Prose, report: ReportDisagreement): void {
  for (const step of steps) {
    for (const block of step.blocks) {
      if (block.kind !== 'quiz') continue
      const { id, options, explanation } = block
      const highest = Math.max(0, ...(quizzes.find((quiz) => quiz.id === id)?.answers ?? []))
      if (highest > options.length) report(step.id, `the quiz “${id}” has no option ${highest}`)
      if (explanation.length === 0) report(step.id, `::answer{quiz=${id}} is missing`)
    }
  }
}

/** Terminals, panels and steps that the prose names are there. */
function checkReferences({ terminals }: Logic, prose: Prose, report: ReportDisagreement): void {
  for (const { id, blocks } of prose.steps) {
    for (const { terminal } of codeOf(blocks)) {
      if (terminal !== undefined && !terminals.some(({ name }) => name === terminal))
        report(id, `lesson.yaml has no terminal “${terminal}”`)
    }
  }
  for (const { step, content } of passagesOf(prose)) {
    for (const target of linksIn(content)) {
      const wrong = target.kind === 'panel' ? wrongPanel(target.panel, target.item, target.tab) : undefined
      if (wrong !== undefined) report(step, wrong)
      if (target.kind === 'step' && !prose.steps.some(({ id }) => id === target.step))
        report(step, `there is no step “${target.step}”`)
    }
  }
}

/** Whether a translation has the steps, the parts in each and the commands of the original. */
export function compareLanguages(original: Prose, translation: Prose, report: ReportDisagreement): void {
  const ids = (prose: Prose): string => prose.steps.map(({ id }) => id).join(', ')
  if (ids(original) !== ids(translation))
    return report(undefined, `the steps are ${ids(translation)}, and in English ${ids(original)}`)
  original.steps.forEach((step, at) => compareSteps(step, translation.steps[at]!, report))
}

function compareSteps(original: Step, translation: Step, report: ReportDisagreement): void {
  for (const kind of ['task', 'quiz', 'notes'] as const) {
    const [there, here] = [original, translation].map((step) => idsOf(kind, step).join(', '))
    if (there !== here)
      report(original.id, `::${kind} has ${here || 'none'} here, and ${there || 'none'} in English`)
  }
  const options = (step: Step): string =>
    step.blocks.flatMap((block) => (block.kind === 'quiz' ? [block.options.length] : [])).join(', ')
  if (options(original) !== options(translation))
    report(original.id, 'a quiz has another number of options in English')
  const [there, here] = [original, translation].map((step) => codeOf(step.blocks).map(commandOf))
  const at = here!.findIndex((command, which) => command !== there![which])
  if (at >= 0 || here!.length !== there!.length)
    report(original.id, `the code blocks do other things in English: ${here![at] ?? there!.at(-1)}`)
}

/** What a code block does: its commands without comments, which are translated. */
function commandOf({ text, run, interrupt, copy, once, terminal, file }: CodeBlock): string {
  if (!run && file === undefined) return 'shown'
  const commands = text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#(?!!)\s.*$/, '').trimEnd())
    .filter((line) => line !== '')
  return JSON.stringify({ run, interrupt, copy, once, terminal, file, commands })
}

function idsOf(kind: Kind, { blocks }: Step): string[] {
  return blocks.flatMap((block) => (block.kind === kind ? [block.id] : []))
}

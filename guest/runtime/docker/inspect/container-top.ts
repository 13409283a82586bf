/** `GET /containers/{id}/top`: the columns of procps' ps, read from /proc without starting a process. */
import { nextState } from '../../../protocol/states/container-states.ts'
import type { ContainerTop } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { cgroupOf } from '../state/cgroup.ts'
import { notRunning } from '../state/not-running.ts'
import { PS_COLUMNS, readProcess, type ProcessRow } from './process-row.ts'

/** The columns of procps' `-ef` and `aux`, by the names of PS_COLUMNS. */
const FORMATS: Record<string, string[]> = {
  '-ef': ['user', 'pid', 'ppid', 'c', 'stime', 'tname', 'time', 'cmd'],
  aux: ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tname', 'stat', 'start', 'time', 'args'],
}
const TITLES_OF_EF = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD']

/**
 * The column names for ps's arguments: `-ef`, `aux`, `-o pid,comm`, `-eo pid,args`. Throws `invalid` for arguments that
 * ps would refuse.
 */
export function psColumns(args: string): { columns: string[]; titles: string[] } {
  const words = args.trim().split(/\s+/).filter(Boolean)
  const option = words.findIndex((word) => /^-?[eaxA]*o/.test(word))
  if (option < 0) {
    const name = ['', 'ef', '-e', '-f', '-A'].includes(words.join('')) ? '-ef' : words.join('')
    const columns = FORMATS[name === '-aux' ? 'aux' : name]
    if (!columns) throw new EngineError('internal', `ps: error: unsupported option: ${args}`, { args })
    return { columns, titles: name === '-ef' ? TITLES_OF_EF : columns.map(titleOf) }
  }
  const glued = words[option]!.replace(/^-?[eaxA]*o/, '')
  const columns = [glued, ...words.slice(option + 1)].join(',').split(',').filter(Boolean)
  return { columns: columns.map((column) => column.toLowerCase()), titles: columns.map(titleOf) }
}

function titleOf(column: string): string {
  const known = PS_COLUMNS[column.toLowerCase()]
  if (!known)
    throw new EngineError('internal', `ps: error: unknown user-defined format specifier "${column}"`, {
      column,
    })
  return known.title
}

/** Ids of the processes in the cgroup, and in cgroups that the container made below it. */
async function processIds(context: EngineContext, directory: string): Promise<number[]> {
  const { files } = context
  if (!(await files.exists(`${directory}/cgroup.procs`))) return []
  const own = (await files.readText(`${directory}/cgroup.procs`)).split('\n').filter(Boolean).map(Number)
  for (const name of await files.list(directory)) {
    if (!name.includes('.')) own.push(...(await processIds(context, `${directory}/${name}`)))
  }
  return own
}

async function processRows(context: EngineContext, container: Container): Promise<ProcessRow[]> {
  const rows: ProcessRow[] = []
  for (const pid of (await processIds(context, cgroupOf(context, container))).sort((a, b) => a - b)) {
    const row = await readProcess(context, pid)
    if (row) rows.push(row)
  }
  return rows
}

export async function containerTop(
  context: EngineContext,
  container: Container,
  args: string,
): Promise<ContainerTop> {
  nextState(container.view, 'top')
  const { columns, titles } = psColumns(args)
  if (!columns.includes('pid')) throw new EngineError('internal', "Couldn't find PID field in ps output")
  const { task } = container
  const rows = (await task?.whileAlive(() => processRows(context, container))) ?? 'ended'
  // After its last process the cgroup is empty, and then gone, before the engine hears of the container's end.
  if (rows === 'ended' || (rows.length === 0 && (await task!.hasEnded()))) throw notRunning(container, 'top')
  publishContainerEvent(context, container, 'top')
  return {
    Titles: titles,
    Processes: rows.map((row) => columns.map((column) => PS_COLUMNS[column]!.value(row))),
  }
}

/** The guest's processes → things, from what ps and /proc say. */
import type { Condition, Thing } from '../format/check.ts'
import { GUARD, type Question } from './guest-questions.ts'

const LIMIT = 400_000

export interface ProcessQuestion extends Question {
  about: 'list' | 'cgroups' | 'links'
}

/** What has to be asked, by the fields that conditions name: the links of all processes cost more than their list. */
export function processQuestions(conditions: readonly Condition[]): ProcessQuestion[] {
  if (conditions.length === 0) return []
  const names = (...fields: string[]): boolean =>
    conditions.some((condition) => condition.fields.some(([field]) => fields.includes(field)))
  const question = (about: ProcessQuestion['about'], script: string): ProcessQuestion => ({
    ...{ about, script, limit: LIMIT },
  })
  return [
    question('list', 'ps -ww -eo pid=,ppid=,uid=,stat=,args='),
    ...(names('cgroup', 'container') ? [question('cgroups', 'grep -sH "" /proc/[0-9]*/cgroup')] : []),
    // A process may end meanwhile: what is not there any more is left out.
    ...(names('own', 'shared', 'root')
      ? [question('links', 'stat -c %N /proc/[0-9]*/root /proc/[0-9]*/ns/* 2>/dev/null')]
      : []),
  ]
}

/**
 * @param asker the process that asked, which is left out with its descendants
 * @param containers names of the containers by id
 */
export function processThings(
  answers: Partial<Record<ProcessQuestion['about'], string>>,
  asker: number,
  containers: ReadonlyMap<string, string>,
): Thing[] {
  const cgroups = parseCgroups(answers.cgroups ?? '')
  const links = parseLinks(answers.links ?? '')
  const first = links.get(1)?.namespaces ?? new Map<string, string>()
  return withoutAsker(parseList(answers.list ?? ''), asker).map((process) => {
    const cgroup = cgroups.get(process.pid) ?? ''
    const { root, namespaces = new Map<string, string>() } = links.get(process.pid) ?? {}
    const known = [...namespaces].filter(([kind]) => first.has(kind))
    const isShared = ([kind, inode]: [string, string]): boolean => first.get(kind) === inode
    return {
      ...process,
      cgroup,
      container: containers.get(/[0-9a-f]{64}/.exec(cgroup)?.[0] ?? '') ?? '',
      root: root ?? '',
      own: known.filter((entry) => !isShared(entry)).map(([kind]) => kind),
      shared: known.filter(isShared).map(([kind]) => kind),
    }
  })
}

interface ListedProcess {
  pid: number
  parent: number
  uid: number
  state: string
  command: string
}

function parseList(text: string): ListedProcess[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line)
    if (!match) return []
    const [pid, parent, uid] = match.slice(1, 4).map(Number)
    return [{ pid: pid!, parent: parent!, uid: uid!, state: match[4]!, command: match[5]! }]
  })
}

/** The processes that ask carry the question in their arguments, and would be what it asks for. */
function withoutAsker(processes: readonly ListedProcess[], asker: number): ListedProcess[] {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const asks = (pid: number | undefined, depth = 0): boolean =>
    pid !== undefined && depth < 64 && (pid === asker || asks(parents.get(pid), depth + 1))
  return processes.filter(({ pid, command }) => !asks(pid) && !command.startsWith(GUARD))
}

/** `/proc/12/cgroup:0::/docker/…`, of cgroup v2's one hierarchy. */
function parseCgroups(text: string): Map<number, string> {
  const matches = text.matchAll(/^\/proc\/(\d+)\/cgroup:0::(.*)$/gm)
  return new Map(Array.from(matches, ([, pid, path]) => [Number(pid), path!]))
}

interface ProcessLinks {
  root?: string
  namespaces: Map<string, string>
}

/** `'/proc/12/ns/pid' -> 'pid:[4026531836]'` */
function parseLinks(text: string): Map<number, ProcessLinks> {
  const links = new Map<number, ProcessLinks>()
  for (const [, digits, name, target] of text.matchAll(/^'?\/proc\/(\d+)\/([\w/]+)'? -> '?(.*?)'?$/gm)) {
    const pid = Number(digits)
    const process = links.get(pid) ?? { namespaces: new Map<string, string>() }
    const kind = /^ns\/(\w+)$/.exec(name!)?.[1]
    if (name === 'root') process.root = target!
    else if (kind !== undefined && !kind.endsWith('_for_children')) process.namespaces.set(kind, target!)
    links.set(pid, process)
  }
  return links
}

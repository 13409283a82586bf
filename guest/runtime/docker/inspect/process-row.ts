/** One process as ps shows it: /proc/<pid>/stat, status and cmdline (proc(5)). */
import { EngineError } from '../../../protocol/errors.ts'
import type { EngineContext } from '../state/context.ts'

const TICKS_PER_SECOND = 100
const PAGE = 4096

export interface ProcessRow {
  pid: number
  ppid: number
  uid: number
  gid: number
  user: string
  command: string
  name: string
  state: string
  tty: string
  /** Seconds of CPU time. */
  cpu: number
  /** Seconds since the epoch. */
  started: number
  now: number
  /** Bytes. */
  virtual: number
  resident: number
  memory: number
  threads: number
  nice: number
  priority: number
  session: number
  group: number
}

const pad = (value: number) => String(Math.floor(value)).padStart(2, '0')
const clockTime = (seconds: number) =>
  `${pad(seconds / 3600)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}`
const wallTime = (row: ProcessRow) => new Date(row.started * 1000).toISOString().slice(11, 16)
const share = (row: ProcessRow) => (100 * row.cpu) / Math.max(1, row.now - row.started)

interface Column {
  title: string
  value(row: ProcessRow): string
}

/** The columns of ps(1), "standard format specifiers", that users of `docker top` ask for. */
export const PS_COLUMNS: Record<string, Column> = {
  pid: { title: 'PID', value: ({ pid }) => String(pid) },
  ppid: { title: 'PPID', value: ({ ppid }) => String(ppid) },
  pgid: { title: 'PGID', value: ({ group }) => String(group) },
  sid: { title: 'SID', value: ({ session }) => String(session) },
  uid: { title: 'UID', value: ({ uid }) => String(uid) },
  gid: { title: 'GID', value: ({ gid }) => String(gid) },
  user: { title: 'USER', value: ({ user }) => user },
  c: { title: 'C', value: (row) => String(Math.floor(share(row))) },
  '%cpu': { title: '%CPU', value: (row) => share(row).toFixed(1) },
  pcpu: { title: '%CPU', value: (row) => share(row).toFixed(1) },
  '%mem': { title: '%MEM', value: (row) => ((100 * row.resident) / row.memory).toFixed(1) },
  pmem: { title: '%MEM', value: (row) => ((100 * row.resident) / row.memory).toFixed(1) },
  vsz: { title: 'VSZ', value: ({ virtual }) => String(Math.floor(virtual / 1024)) },
  rss: { title: 'RSS', value: ({ resident }) => String(Math.floor(resident / 1024)) },
  tname: { title: 'TTY', value: ({ tty }) => tty },
  tty: { title: 'TT', value: ({ tty }) => tty },
  stat: { title: 'STAT', value: ({ state }) => state },
  state: { title: 'S', value: ({ state }) => state },
  s: { title: 'S', value: ({ state }) => state },
  stime: { title: 'STIME', value: wallTime },
  start: { title: 'START', value: wallTime },
  start_time: { title: 'START', value: wallTime },
  time: { title: 'TIME', value: ({ cpu }) => clockTime(cpu) },
  cputime: { title: 'TIME', value: ({ cpu }) => clockTime(cpu) },
  etime: { title: 'ELAPSED', value: ({ now, started }) => clockTime(now - started).replace(/^00:/, '') },
  etimes: { title: 'ELAPSED', value: ({ now, started }) => String(Math.floor(now - started)) },
  ni: { title: 'NI', value: ({ nice }) => String(nice) },
  pri: { title: 'PRI', value: ({ priority }) => String(19 - priority + 20) },
  nlwp: { title: 'NLWP', value: ({ threads }) => String(threads) },
  comm: { title: 'COMMAND', value: ({ name }) => name },
  cmd: { title: 'CMD', value: ({ command }) => command },
  args: { title: 'COMMAND', value: ({ command }) => command },
  command: { title: 'COMMAND', value: ({ command }) => command },
}

/** A terminal's name by its device number: the pts and ttyS numbers of Documentation/admin-guide/devices.txt. */
function ttyName(device: number): string {
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (device === 0) return '?'
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`
  return major === 4 ? (minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`) : `${major}:${minor}`
}

async function userName({ files }: EngineContext, uid: number): Promise<string> {
  const passwd = (await files.exists('/etc/passwd')) ? await files.readText('/etc/passwd') : ''
  const line = passwd.split('\n').find((entry) => entry.split(':')[2] === String(uid))
  return line?.split(':')[0] ?? String(uid)
}

/** Reads one process; undefined when it has ended meanwhile. */
export async function readProcess(context: EngineContext, pid: number): Promise<ProcessRow | undefined> {
  const { files } = context
  try {
    const stat = await files.readText(`/proc/${pid}/stat`)
    const status = await files.readText(`/proc/${pid}/status`)
    const cmdline = await files.readText(`/proc/${pid}/cmdline`)
    const uptime = Number((await files.readText('/proc/uptime')).split(' ')[0])
    return await parseProcess(context, { pid, stat, status, cmdline, uptime })
  } catch (error) {
    if (['not-found', 'internal'].includes(EngineError.from(error).code)) return undefined
    throw error
  }
}

async function parseProcess(
  context: EngineContext,
  raw: { pid: number; stat: string; status: string; cmdline: string; uptime: number },
): Promise<ProcessRow> {
  const name = raw.stat.slice(raw.stat.indexOf('(') + 1, raw.stat.lastIndexOf(')'))
  // The fields begin after the last `)`, since the name before it may hold anything: field 3 (state) is f[0].
  const f = raw.stat.slice(raw.stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(f[number - 3])
  const ids = (key: string) => Number(new RegExp(`^${key}:\\t(\\d+)`, 'm').exec(raw.status)?.[1] ?? 0)
  const now = Number(context.clock.now() / 1_000_000_000n)
  const uid = ids('Uid')
  return {
    pid: raw.pid,
    ppid: field(4),
    group: field(5),
    session: field(6),
    uid,
    gid: ids('Gid'),
    user: await userName(context, uid),
    name,
    command: raw.cmdline.replaceAll('\0', ' ').trim() || `[${name}]`,
    state: f[0] ?? '?',
    tty: ttyName(field(7)),
    cpu: Math.floor((field(14) + field(15)) / TICKS_PER_SECOND),
    started: now - raw.uptime + field(22) / TICKS_PER_SECOND,
    now,
    virtual: field(23),
    resident: field(24) * PAGE,
    memory: context.facts.memory,
    threads: field(20),
    nice: field(19),
    priority: field(18),
  }
}

/** Conditions about one certain thing of the guest: what to ask, and what the answer is. */
import { GUEST_PATHS } from '../../../../guest/protocol/paths.ts'
import type { Condition, Thing } from '../format/check.ts'
import { quoted, type Answer, type Question } from './guest-questions.ts'

/** Bytes of a file or an answer that a condition can look at. */
export const MAX_LOOKED_AT = 65_536

/** The status by which a question says that the thing is not there. */
const ABSENT = 9
/** Seconds a server may take. */
const HTTP_PATIENCE = 5

export interface Probe {
  question: Question
  /** Undefined when the thing is not there. */
  read(answer: Answer): Thing | undefined
}

/** @param cgroups paths of the containers' control groups by name */
export function guestProbe(condition: Condition, cgroups: ReadonlyMap<string, string>): Probe {
  const { kind, query } = condition
  if (kind === 'file') return fileProbe(query.path!)
  if (kind === 'cgroup') return cgroupProbe(query, cgroups)
  if (kind === 'http') return httpProbe(query)
  return scriptProbe(query.run!)
}

const question = (script: string): Question => ({ script, limit: MAX_LOOKED_AT })

function fileProbe(path: string): Probe {
  const file = quoted(path)
  const content = `if [ -L ${file} ]; then readlink -- ${file}; elif [ -f ${file} ]; then cat -- ${file}; fi`
  return {
    question: question(`stat -c '%f %s %u %g' -- ${file} 2>/dev/null || exit ${ABSENT}\n${content}`),
    read: ({ output, status }) => (status === ABSENT ? undefined : fileThing(output)),
  }
}

function fileThing(output: string): Thing | undefined {
  const [, mode, size, uid, gid, text] = /^([0-9a-f]+) (\d+) (\d+) (\d+)\n(.*)$/s.exec(output) ?? []
  if (mode === undefined) return undefined
  const bits = Number.parseInt(mode, 16)
  const type = TYPES[bits >> 12]
  return { type, mode: permissions(bits), size: Number(size), uid: Number(uid), gid: Number(gid), text }
}

export type FileType = 'fifo' | 'char' | 'directory' | 'block' | 'file' | 'link' | 'socket'

/** By the type bits of stat(2)'s st_mode. */
const TYPES: Record<number, FileType> = {
  0o01: 'fifo',
  0o02: 'char',
  0o04: 'directory',
  0o06: 'block',
  0o10: 'file',
  0o12: 'link',
  0o14: 'socket',
}

/** `0755` */
export const permissions = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

function cgroupProbe(query: Condition['query'], cgroups: ReadonlyMap<string, string>): Probe {
  const group = query.container === undefined ? query.path! : cgroups.get(query.container)
  // A container that is not there has no control group, and nothing has this name.
  const path = `${GUEST_PATHS.cgroupRoot}/${group ?? '.none'}/${query.file!}`
  return {
    question: question(`cat -- ${quoted(path)} 2>/dev/null || exit ${ABSENT}`),
    read: ({ output, status }) => (status === 0 ? cgroupThing(output, query.key) : undefined),
  }
}

/** `max` is a number too, larger than all others; of a file with keys, the line of `key` counts. */
function cgroupThing(output: string, key: string | undefined): Thing | undefined {
  const line = key === undefined ? output : output.split('\n').find((each) => each.split(/[ =]/)[0] === key)
  if (line === undefined) return undefined
  const text = (key === undefined ? line : line.slice(key.length + 1)).trim()
  const value = text === 'max' ? Infinity : /^-?\d+$/.test(text) ? Number(text) : undefined
  return { text, value }
}

function httpProbe({ port, path = '/', host }: Condition['query']): Probe {
  const url = quoted(`http://127.0.0.1:${port}${path}`)
  const header = host === undefined ? '' : `-H ${quoted(`Host: ${host}`)} `
  return {
    question: question(`curl -siq --globoff --noproxy '*' --max-time ${HTTP_PATIENCE} ${header}${url}`),
    read: ({ output }) => {
      const [, status, , text] = /^HTTP\/[\d.]+ (\d{3})(.*?)\r?\n\r?\n(.*)$/s.exec(output) ?? []
      return status === undefined ? undefined : { status: Number(status), text }
    },
  }
}

const scriptProbe = (script: string): Probe => ({
  question: question(script),
  read: ({ output, status }) => ({ output, status }),
})

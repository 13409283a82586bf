/**
 * Checks: what must hold of the live machine for a task to be done. A condition is about things of one kind: it names some
 * of their fields, and how many things must have them. One table says which fields a kind has; the decoder, the evaluator
 * and docs read it.
 */

export const COMPARISONS = ['=', '!=', '<', '<=', '>', '>='] as const

export interface Amount {
  compare: (typeof COMPARISONS)[number]
  value: number
}

/**
 * How a field is compared. In a glob `*` stands for any characters, none and line breaks included; `\*` is the character.
 * Of `texts` each glob must match one of the field's entries.
 */
export type Matcher =
  | { kind: 'text'; glob: string }
  | { kind: 'texts'; globs: string[] }
  | { kind: 'amount'; amount: Amount }
  | { kind: 'flag'; value: boolean }

/** A `reference` is a text that names an image, with the tag `latest` when it names none. */
export type FieldKind = Matcher['kind'] | 'reference'

/** A thing as the evaluator sees it; a field that the thing does not have is undefined. */
export type FieldValue = string | number | boolean | readonly string[]
export type Thing = Readonly<Record<string, FieldValue | undefined>>

interface SubjectTable {
  /** What says which thing is looked at, in YAML among the fields; `needed` ones must be there. */
  query: Readonly<Record<string, 'needed' | 'optional'>>
  fields: Readonly<Record<string, FieldKind>>
  /** The part that is meant when a text stands in place of the mapping: `container: web`. */
  short: string
}

export const SUBJECTS = {
  container: {
    query: {},
    fields: {
      ...{ name: 'text', image: 'reference', state: 'text', health: 'text', command: 'text', user: 'text' },
      ...{ hostname: 'text', workdir: 'text', restart: 'text', network: 'text', pid: 'text' },
      ...{ exit: 'amount', restarts: 'amount', memory: 'amount', cpus: 'amount', pids: 'amount' },
      ...{ oom: 'flag', readonly: 'flag', privileged: 'flag' },
      ...{ networks: 'texts', ports: 'texts', mounts: 'texts', env: 'texts', labels: 'texts' },
      ...{ 'cap-add': 'texts', 'cap-drop': 'texts', security: 'texts' },
    },
    short: 'name',
  },
  image: {
    query: {},
    fields: {
      ...{ tag: 'reference', command: 'text', entrypoint: 'text', user: 'text', workdir: 'text' },
      ...{ layers: 'amount', size: 'amount', env: 'texts', labels: 'texts', ports: 'texts' },
    },
    short: 'tag',
  },
  network: {
    query: {},
    fields: { name: 'text', driver: 'text', internal: 'flag', subnets: 'texts', containers: 'texts' },
    short: 'name',
  },
  volume: {
    query: {},
    fields: { name: 'text', driver: 'text', labels: 'texts' },
    short: 'name',
  },
  /** A process of the guest. `own` and `shared`: kinds of namespaces that it has for itself, or together with PID 1. */
  process: {
    query: {},
    fields: {
      ...{ command: 'text', root: 'text', cgroup: 'text', container: 'text', state: 'text' },
      ...{ uid: 'amount', parent: 'amount', own: 'texts', shared: 'texts' },
    },
    short: 'command',
  },
  /** A file of the guest, or of a container. The text of a link is its target. */
  file: {
    query: { path: 'needed', in: 'optional' },
    fields: { type: 'text', mode: 'text', size: 'amount', uid: 'amount', gid: 'amount', text: 'text' },
    short: 'path',
  },
  /** A file of a control group: of the one at `path` below /sys/fs/cgroup, or of a container's. `key` names a line. */
  cgroup: {
    query: { path: 'optional', container: 'optional', file: 'needed', key: 'optional' },
    fields: { text: 'text', value: 'amount' },
    short: 'file',
  },
  /** What a port of the guest answers to a GET. */
  http: {
    query: { port: 'needed', path: 'optional', host: 'optional' },
    fields: { status: 'amount', text: 'text' },
    short: 'port',
  },
  /** The last line that was typed into a shell of a terminal. `status` is its exit status. */
  typed: {
    query: {},
    fields: { line: 'text', terminal: 'text', status: 'amount' },
    short: 'line',
  },
  /** The way out: a bash script, run in the guest or in a container; it must end with 0 unless fields say otherwise. */
  script: {
    query: { run: 'needed', in: 'optional' },
    fields: { status: 'amount', output: 'text' },
    short: 'run',
  },
} as const satisfies Record<string, SubjectTable>

export type Subject = keyof typeof SUBJECTS

/** The table's row with its keys as plain texts. */
export const subjectTable = (subject: Subject): SubjectTable => SUBJECTS[subject]

export interface Condition {
  kind: Subject
  query: Readonly<Record<string, string>>
  fields: readonly (readonly [field: string, matcher: Matcher])[]
  /** How many things must have the fields. */
  count: Amount
}

export type Check =
  { kind: 'all'; of: Check[] } | { kind: 'any'; of: Check[] } | { kind: 'not'; of: Check } | Condition

/** The conditions of a check, at any depth. */
export function conditionsOf(check: Check): Condition[] {
  switch (check.kind) {
    case 'all':
    case 'any':
      return check.of.flatMap(conditionsOf)
    case 'not':
      return conditionsOf(check.of)
    default:
      return [check]
  }
}

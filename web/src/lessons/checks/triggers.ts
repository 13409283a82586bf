/** What may have changed a check's answer. Checks are looked at when one of these happens, and at no other time. */
import type { EngineEvent } from '../../../../guest/protocol/api/engine-api.ts'
import { conditionsOf, type Check, type Subject } from '../format/check.ts'

/** `command`: a line was entered in a terminal, or what it started has ended. The others: the engine's events. */
export type Trigger = 'command' | 'container' | 'image' | 'network' | 'volume'

/** A process, a file and an answer may change with whatever a person or a container does. */
const ANYTHING: readonly Trigger[] = ['command', 'container']

const TRIGGERS: Record<Subject, readonly Trigger[]> = {
  container: ['container', 'network'],
  image: ['image'],
  network: ['network', 'container'],
  volume: ['volume'],
  process: ANYTHING,
  file: ANYTHING,
  cgroup: ANYTHING,
  http: ANYTHING,
  typed: ['command'],
  script: ['command', 'container', 'image', 'network', 'volume'],
}

export function concerns(trigger: Trigger, check: Check): boolean {
  return conditionsOf(check).some(({ kind }) => TRIGGERS[kind].includes(trigger))
}

/** What checks themselves do to a container, and what changes nothing: an answer to these would have no end. */
const IGNORED = /^(?:exec_(?:create|start|die|detach)|archive-path|top|attach|detach|resize|export)\b/

/** Undefined for an event after which no check has another answer. */
export function triggerOf({ Type, Action }: Pick<EngineEvent, 'Type' | 'Action'>): Trigger | undefined {
  if (IGNORED.test(Action)) return undefined
  switch (Type) {
    case 'container':
    case 'image':
    case 'network':
    case 'volume':
      return Type
    case 'builder':
    case 'daemon':
    case 'plugin':
      return undefined
  }
}

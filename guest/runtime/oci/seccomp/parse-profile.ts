/**
 * A seccomp profile that a user wrote, in the form of Docker's and OCI's. Fields that neither the kernel's filter nor
 * runC's needs are left out; a null stands for an absent field, as in Go.
 */
import { EngineError } from '../../../protocol/errors.ts'
import { isRecord } from '../../../protocol/wire/is-record.ts'
import { parseJsonObject } from '../../../vocabulary/json.ts'
import {
  SECCOMP_ACTIONS,
  SECCOMP_OPERATORS,
  type OciSeccomp,
  type SeccompArgument,
  type SeccompSyscalls,
} from '../spec.ts'

const broken = (what: string) => new EngineError('invalid', `Decoding seccomp profile failed: ${what}`)

function numberOf(value: unknown, what: string): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) throw broken(`${what} is not a whole number`)
  return value
}

function listOf(value: unknown, what: string): unknown[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw broken(`${what} is not a list`)
  return value
}

function textsOf(value: unknown, what: string): string[] | undefined {
  return listOf(value, what)?.map((item) => {
    if (typeof item !== 'string') throw broken(`${what} has an entry that is not a text`)
    return item
  })
}

/** One of the words that the specification has. */
function wordOf<Word extends string>(words: readonly Word[], value: unknown, what: string): Word {
  const found = words.find((word) => word === value)
  if (found === undefined) throw broken(`${what} ${JSON.stringify(value)} is not supported`)
  return found
}

function argumentOf(value: unknown): SeccompArgument {
  if (!isRecord(value)) throw broken('an entry of args is not an object')
  const valueTwo = numberOf(value.valueTwo, 'valueTwo')
  return {
    index: numberOf(value.index, 'index') ?? 0,
    value: numberOf(value.value, 'value') ?? 0,
    ...(valueTwo !== undefined && { valueTwo }),
    op: wordOf(SECCOMP_OPERATORS, value.op, 'operator'),
  }
}

function syscallsOf(value: unknown): SeccompSyscalls {
  if (!isRecord(value)) throw broken('an entry of syscalls is not an object')
  const errnoRet = numberOf(value.errnoRet, 'errnoRet')
  const args = listOf(value.args, 'args')
  return {
    names: textsOf(value.names, 'names') ?? [],
    action: wordOf(SECCOMP_ACTIONS, value.action, 'action'),
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args !== undefined && { args: args.map(argumentOf) }),
  }
}

/** @throws EngineError `invalid` that says what is wrong */
export function parseSeccompProfile(text: string): OciSeccomp {
  let profile: Record<string, unknown>
  try {
    profile = parseJsonObject(text, 'it')
  } catch (thrown) {
    throw EngineError.wrap('Decoding seccomp profile failed', thrown, 'invalid')
  }
  const defaultErrnoRet = numberOf(profile.defaultErrnoRet, 'defaultErrnoRet')
  const [architectures, flags] = [
    textsOf(profile.architectures, 'architectures'),
    textsOf(profile.flags, 'flags'),
  ]
  const syscalls = listOf(profile.syscalls, 'syscalls')
  return {
    defaultAction: wordOf(SECCOMP_ACTIONS, profile.defaultAction, 'action'),
    ...(defaultErrnoRet !== undefined && { defaultErrnoRet }),
    ...(architectures !== undefined && { architectures }),
    ...(flags !== undefined && { flags }),
    ...(syscalls !== undefined && { syscalls: syscalls.map(syscallsOf) }),
  }
}

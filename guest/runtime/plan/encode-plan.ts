/**
 * The wire form of plans, little endian; guest/native/launcher/plan.c is its strict reader.
 *
 * ```
 * plan    = "PHP1", kind u32 (0 host, 1 launch, 2 host that reports failures alone), [launch header], list, list
 * launch  = id string, flags u32 (1 terminal, 2 stdin, 4 stdinOnce, holdOutput << 8), socketPath, exitPath, logPath, memoryEventsPath
 *           strings (empty: absent), logMaxBytes u64
 * list    = count u32, step…          host: steps, undo; launch: shim, init
 * step    = op u16 (position in ops.json), tolerate u16 (errno, 0 none, 65535 any), length u32, arguments
 * u32 u64 = 4, 8 bytes                bytes = length u32, bytes       string = bytes without NUL, then NUL (not counted)
 * strings = count u32, string…        u32s  = count u32, u32…
 * ```
 */
import { EngineError } from '../../protocol/errors.ts'
import { ofConstant } from './of-constant.ts'
import { ERRNO } from './errno.ts'
import { OP_ARGUMENTS, OP_NAMES, type ArgumentType } from './ops.generated.ts'
import { SLOT, type HostPlan, type LaunchPlan, type Step } from './plan.ts'
import { WireWriter } from './wire-writer.ts'

const MAGIC = 0x31504850
const KIND = { host: 0, launch: 1, quietHost: 2 } as const
const TOLERATE_ANY = 0xffff
const OP_NUMBERS: ReadonlyMap<string, number> = new Map(OP_NAMES.map((name, number) => [name, number]))

/** @param quiet the launcher reports the steps only when one has failed */
export function encodeHostPlan(plan: HostPlan, quiet = false): Uint8Array {
  const writer = new WireWriter()
  writer.u32(MAGIC)
  writer.u32(quiet ? KIND.quietHost : KIND.host)
  writeList(writer, plan.steps)
  writeList(writer, plan.undo ?? [])
  return writer.finish()
}

export function encodeLaunchPlan(plan: LaunchPlan): Uint8Array {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(plan.id)) {
    throw new EngineError('invalid', `plan id '${plan.id}' is not 1–64 characters of [A-Za-z0-9_.-]`, {
      id: plan.id,
    })
  }
  const { terminal, stdin, stdinOnce, holdOutput } = plan.io
  const writer = new WireWriter()
  writer.u32(MAGIC)
  writer.u32(KIND.launch)
  writer.string(plan.id)
  writer.u32((terminal ? 1 : 0) | (stdin ? 2 : 0) | (stdinOnce ? 4 : 0) | (Number(holdOutput) << 8))
  writer.string(plan.socketPath)
  writer.string(plan.exitPath)
  writer.string(plan.logPath ?? '')
  writer.string(plan.memoryEventsPath ?? '')
  writer.u64(BigInt(plan.logMaxBytes ?? 0))
  writeList(writer, plan.shim)
  writeList(writer, plan.init)
  return writer.finish()
}

function writeList(writer: WireWriter, steps: readonly Step[]): void {
  writer.u32(steps.length)
  for (const step of steps) {
    if (Object.isFrozen(step)) writer.raw(constantBytes(step))
    else writeStep(writer, step)
  }
}

/** The bytes of a step that does not change, which stands in many plans. */
const constantBytes = ofConstant((step: Step): Uint8Array => {
  const writer = new WireWriter()
  writeStep(writer, step)
  return writer.finish()
})

function writeStep(writer: WireWriter, step: Step): void {
  writer.u16(OP_NUMBERS.get(step.op)!)
  writer.u16(toleranceOf(step))
  const start = writer.beginSized()
  writeArguments(writer, step)
  writer.endSized(start)
}

function toleranceOf(step: Step): number {
  if (step.tolerate === undefined) return 0
  return step.tolerate === 'any' ? TOLERATE_ANY : ERRNO[step.tolerate][0]
}

/** A start has some hundred arguments, so the loop does without iterators, which cost more than the writing. */
function writeArguments(writer: WireWriter, step: Step): void {
  const values = step as unknown as Record<string, unknown>
  const list = OP_ARGUMENTS[step.op]
  for (let index = 0; index < list.length; index++) {
    const argument = list[index]!
    const name = argument[0]
    const value = values[name]
    if (value === undefined && !argument[2]) {
      throw new EngineError('invalid', `plan step ${step.op}: argument '${name}' is missing`, {
        op: step.op,
        name,
      })
    }
    writeValue(writer, argument[1], value)
  }
}

/** Defaults: slot → host, numbers → 0, booleans → false, lists → empty. The types of the op table guarantee the casts. */
function writeValue(writer: WireWriter, type: ArgumentType, value: unknown): void {
  switch (type) {
    case 'slot':
      return writer.u32((value as number | undefined) ?? SLOT.host)
    case 'u32':
      return writer.u32((value as number | undefined) ?? 0)
    case 'bool':
      return writer.u32(value === true ? 1 : 0)
    case 'u64':
      return writer.u64(value as bigint)
    case 'string':
      return writer.string(value as string)
    case 'bytes':
      return writer.bytes(value as Uint8Array)
    case 'strings': {
      const list = (value as readonly string[] | undefined) ?? []
      writer.u32(list.length)
      return list.forEach((entry) => writer.string(entry))
    }
    case 'u32s': {
      const list = value as readonly number[]
      writer.u32(list.length)
      return list.forEach((entry) => writer.u32(entry))
    }
  }
}

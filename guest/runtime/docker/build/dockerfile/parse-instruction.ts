/** Parses a line as its instruction. Source, also of the sentences: BuildKit, frontend/dockerfile/instructions/parse.go. */
import { EngineError } from '../../../../protocol/errors.ts'
import { InstructionFlags } from './instruction-flags.ts'
import type { Instruction, InstructionOf, Stage } from './instructions.ts'
import {
  INSTRUCTION_NAMES,
  isInstructionName,
  type InstructionName,
  type KeyValue,
} from './line-arguments.ts'
import { parseCopy } from './parse-copy.ts'
import { parseHealthcheck } from './parse-healthcheck.ts'
import type { DockerfileLine } from './parse-lines.ts'
import { parseRun } from './parse-run.ts'
import { quote } from '../../../../vocabulary/go-quote.ts'
import { didYouMean, nearest } from './suggest.ts'
import { shellOrExec, writtenOf } from './written.ts'

const invalid = (message: string) => new EngineError('invalid', message)

const noFlags = ({ flags }: DockerfileLine) => InstructionFlags.parse(flags, {})

function only(line: DockerfileLine): string {
  const { words } = line.arguments
  if (words.length !== 1) throw invalid(`${line.name.toUpperCase()} requires exactly one argument`)
  noFlags(line)
  return words[0]!
}

function atLeastOne(line: DockerfileLine): string[] {
  const { words } = line.arguments
  if (words.length === 0) throw invalid(`${line.name.toUpperCase()} requires at least one argument`)
  noFlags(line)
  return words
}

function pairsOf(line: DockerfileLine): KeyValue[] {
  noFlags(line)
  const name = line.name.toUpperCase()
  const { pairs } = line.arguments
  if (pairs.length === 0) throw invalid(`${name} requires at least one argument`)
  if (pairs.some(({ key }) => key === '')) throw invalid(`${name} names can not be blank`)
  return pairs
}

function parseArg(line: DockerfileLine): InstructionOf<'arg'> {
  const { words } = line.arguments
  if (words.length === 0) throw invalid('ARG requires at least one argument')
  const definitions = words.map((word) => {
    const equals = word.indexOf('=')
    if (equals === 0) throw invalid('ARG names can not be blank')
    return equals < 0 ? { key: word } : { key: word.slice(0, equals), value: word.slice(equals + 1) }
  })
  return { kind: 'arg', ...writtenOf(line), definitions }
}

function parseOnbuild(line: DockerfileLine): InstructionOf<'onbuild'> {
  const { trigger } = line.arguments
  if (trigger === undefined) throw invalid('ONBUILD requires at least one argument')
  noFlags(line)
  const name = /^\S+/.exec(trigger)![0].toUpperCase()
  if (name === 'ONBUILD') throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
  if (name === 'MAINTAINER' || name === 'FROM') throw invalid(`${name} isn't allowed as an ONBUILD trigger`)
  const heredocs = line.heredocs.map(({ content, name: end }) => `\n${content}${end}`).join('')
  const expression = line.original.replace(/^\s*ONBUILD\s*/i, '') + heredocs
  return { kind: 'onbuild', ...writtenOf(line), expression }
}

function parseShell(line: DockerfileLine): InstructionOf<'shell'> {
  noFlags(line)
  const { words, json } = line.arguments
  if (words.length === 0) throw invalid('SHELL requires at least one argument')
  if (!json) throw invalid('SHELL requires the arguments to be in JSON form')
  return { kind: 'shell', ...writtenOf(line), shell: words }
}

function parseVolume(line: DockerfileLine): InstructionOf<'volume'> {
  const volumes = atLeastOne(line).map((volume) => volume.trim())
  if (volumes.includes('')) throw invalid('VOLUME specified can not be an empty string')
  return { kind: 'volume', ...writtenOf(line), volumes }
}

const STAGE_NAME = /^[a-z][a-z0-9\-_.]*$/

function stageName(words: string[]): string {
  if (words.length === 3 && words[1]!.toLowerCase() === 'as') {
    const name = words[2]!.toLowerCase()
    if (STAGE_NAME.test(name)) return name
    throw invalid(
      `invalid name for build stage: ${quote(words[2]!)}, name can't start with a number or contain symbols`,
    )
  }
  if (words.length !== 1) throw invalid('FROM requires either one or three arguments')
  return ''
}

function parseFrom(line: DockerfileLine): Stage {
  const { words } = line.arguments
  const name = stageName(words)
  const flags = InstructionFlags.parse(line.flags, { platform: 'string' })
  return {
    ...{ kind: 'from', ...writtenOf(line), name, base: words[0]! },
    ...{ platform: flags.text('platform'), instructions: [] },
  }
}

function parseCommand(kind: 'cmd' | 'entrypoint', line: DockerfileLine): Instruction {
  noFlags(line)
  return { kind, ...writtenOf(line), ...shellOrExec(line) }
}

type Parser = (line: DockerfileLine) => Instruction | Stage

const PARSERS = {
  add: (line) => parseCopy('add', line),
  arg: parseArg,
  cmd: (line) => parseCommand('cmd', line),
  copy: (line) => parseCopy('copy', line),
  entrypoint: (line) => parseCommand('entrypoint', line),
  env: (line) => ({ kind: 'env', ...writtenOf(line), pairs: pairsOf(line) }),
  expose: (line) => ({ kind: 'expose', ...writtenOf(line), ports: atLeastOne(line).toSorted() }),
  from: parseFrom,
  healthcheck: parseHealthcheck,
  label: (line) => ({ kind: 'label', ...writtenOf(line), pairs: pairsOf(line), literal: false }),
  maintainer: (line) => ({ kind: 'maintainer', ...writtenOf(line), maintainer: only(line) }),
  onbuild: parseOnbuild,
  run: parseRun,
  shell: parseShell,
  stopsignal: (line) => ({ kind: 'stopsignal', ...writtenOf(line), signal: only(line) }),
  user: (line) => ({ kind: 'user', ...writtenOf(line), user: only(line) }),
  volume: parseVolume,
  workdir: (line) => ({ kind: 'workdir', ...writtenOf(line), path: only(line) }),
} satisfies Record<InstructionName, Parser>

/** The instruction that may have been meant, in capital letters when the wrong name was. */
function suggestionFor(name: string): string | undefined {
  const found = nearest(name.toLowerCase(), INSTRUCTION_NAMES)
  return name === name.toUpperCase() ? found?.toUpperCase() : found
}

/** Parses a line. Throws `invalid`. */
export function parseInstruction(line: DockerfileLine): Instruction | Stage {
  const name = line.name.toLowerCase()
  if (!isInstructionName(name))
    throw invalid(didYouMean(`unknown instruction: ${line.name}`, suggestionFor(line.name)))
  return PARSERS[name](line)
}

/** Instructions that change the configuration and no file. Source: moby builder/dockerfile/dispatchers.go. */
import { EngineError } from '../../../../protocol/errors.ts'
import type { HealthConfig } from '../../../../protocol/api/engine-api.ts'
import { parseSignal } from '../../../task/signals.ts'
import type { Build, StageState } from '../build-state.ts'
import { commitConfig } from './commit-step.ts'
import { formatGoDuration } from '../../../../vocabulary/go-duration.ts'
import type { InstructionOf, ShellOrExec } from '../dockerfile/instructions.ts'
import { quoteAll } from '../../../../vocabulary/go-quote.ts'
import { expandWords } from '../dockerfile/shell-lex.ts'
import type { Variables } from '../dockerfile/substitution.ts'
import { exposedPorts } from './exposed-ports.ts'
import { shellOf, type RunConfig } from '../run-config.ts'

/** The part of a stage that an instruction of these kinds may change. */
export type ConfigState = Pick<StageState, 'config' | 'args' | 'maintainer' | 'cmdSet'>

/** @returns what the change is called in the image's history */
type Change<Kind extends ConfigKind> = (state: ConfigState, instruction: InstructionOf<Kind>) => string

export type ConfigKind =
  | 'env'
  | 'label'
  | 'arg'
  | 'maintainer'
  | 'onbuild'
  | 'user'
  | 'volume'
  | 'stopsignal'
  | 'shell'
  | 'healthcheck'
  | 'cmd'
  | 'entrypoint'

/** Sets a variable in the place of an earlier value. */
function setVariable(env: string[], key: string, value: string): string[] {
  const entry = `${key}=${value}`
  const at = env.findIndex((known) => known.split('=', 1)[0] === key)
  return at < 0 ? [...env, entry] : env.with(at, entry)
}

export const commandLine = (config: RunConfig, { words, shell }: ShellOrExec): string[] =>
  shell ? [...shellOf(config), ...words] : words

const asMap = (keys: readonly string[]) =>
  Object.fromEntries(keys.map((key) => [key, {} as Record<string, never>]))

/** A health check as Go's %q prints a *HealthConfig. */
function printedCheck(check: HealthConfig): string {
  const { Test = [], Interval = 0, Timeout = 0, StartPeriod = 0, StartInterval = 0, Retries = 0 } = check
  const times = [Interval, Timeout, StartPeriod, StartInterval].map((time) => `"${formatGoDuration(time)}"`)
  return `&{${quoteAll(Test)} ${times.join(' ')} ${quotedRune(Retries)}}`
}

const quotedRune = (code: number) =>
  code < 32 || code === 127
    ? `'${{ 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }[code] ?? `\\x${code.toString(16).padStart(2, '0')}`}'`
    : `'${String.fromCodePoint(code).replace(/['\\]/, '\\$&')}'`

const CHANGES: { [Kind in ConfigKind]: Change<Kind> } = {
  env({ config }, { pairs }) {
    for (const { key, value } of pairs) config.Env = setVariable(config.Env ?? [], key, value)
    return `ENV ${pairs.map(({ key, value }) => `${key}=${value}`).join(' ')}`
  },
  label({ config }, { pairs }) {
    config.Labels = { ...config.Labels, ...Object.fromEntries(pairs.map(({ key, value }) => [key, value])) }
    return `LABEL ${pairs.map(({ key, value }) => `${key}=${value}`).join(' ')}`
  },
  arg({ args }, { definitions }) {
    for (const { key, value } of definitions) args.define(key, value)
    const written = definitions.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`))
    return `ARG ${written.join(' ')}`
  },
  maintainer(state, { maintainer }) {
    state.maintainer = maintainer
    return `MAINTAINER ${maintainer}`
  },
  onbuild({ config }, { expression }) {
    config.OnBuild = [...(config.OnBuild ?? []), expression]
    return `ONBUILD ${expression}`
  },
  user({ config }, { user }) {
    config.User = user
    return `USER ${user}`
  },
  volume({ config }, { volumes }) {
    if (volumes.includes('')) throw new EngineError('invalid', 'VOLUME specified can not be an empty string')
    config.Volumes = { ...config.Volumes, ...asMap(volumes) }
    return `VOLUME [${volumes.join(' ')}]`
  },
  stopsignal({ config }, { signal }) {
    parseSignal(signal)
    config.StopSignal = signal
    return `STOPSIGNAL ${signal}`
  },
  shell({ config }, { shell }) {
    config.Shell = shell
    return `SHELL [${shell.join(' ')}]`
  },
  healthcheck({ config }, { healthcheck }) {
    config.Healthcheck = healthcheck
    return `HEALTHCHECK ${printedCheck(healthcheck)}`
  },
  cmd(state, instruction) {
    state.config.Cmd = commandLine(state.config, instruction)
    if (instruction.words.length > 0) state.cmdSet = true
    return `CMD ${quoteAll(state.config.Cmd)}`
  },
  entrypoint(state, instruction) {
    // `ENTRYPOINT []` removes the base's entrypoint.
    state.config.Entrypoint = instruction.words.length === 0 ? null : commandLine(state.config, instruction)
    if (!state.cmdSet) state.config.Cmd = null
    return `ENTRYPOINT ${quoteAll(state.config.Entrypoint ?? [])}`
  },
}

async function noteOverriding({ output }: Build, { config }: StageState): Promise<void> {
  const test = config.Healthcheck?.Test ?? []
  if (test.length > 0 && test[0] !== 'NONE')
    await output.stdout(`Note: overriding previous HEALTHCHECK: [${test.join(' ')}]\n`)
}

/** Changes the state's configuration alone. @returns what the change is called in the image's history */
export function changeConfig(state: ConfigState, instruction: InstructionOf<ConfigKind>): string {
  const change = CHANGES[instruction.kind] as (state: ConfigState, instruction: unknown) => string
  return change(state, instruction)
}

export async function dispatchConfig(
  build: Build,
  state: StageState,
  instruction: InstructionOf<ConfigKind>,
): Promise<void> {
  if (instruction.kind === 'healthcheck') await noteOverriding(build, state)
  await commitConfig(build, state, changeConfig(state, instruction))
}

/** Adds the ports of `EXPOSE`, whose variables are expanded already. */
export const exposeAll = (config: RunConfig, ports: readonly string[]): void => {
  config.ExposedPorts = { ...config.ExposedPorts, ...asMap(ports.flatMap(exposedPorts)) }
}

/** Handles EXPOSE, the one instruction whose variables may become several words. */
export async function dispatchExpose(
  build: Build,
  state: StageState,
  instruction: InstructionOf<'expose'>,
  variables: Variables,
): Promise<void> {
  const ports = instruction.ports.flatMap((port) => expandWords(port, variables, build.lex))
  exposeAll(state.config, ports)
  await commitConfig(build, state, `EXPOSE ${ports.join(' ')}`)
}

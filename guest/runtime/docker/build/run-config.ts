/** The configuration that a Dockerfile builds up, and the commands that identify its steps. */
import type { ImageRecord, OciExecutionConfig } from '../../../protocol/api/content.ts'

export type RunConfig = OciExecutionConfig

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The configuration that a stage begins with: its base's, and always a PATH. */
export function baseConfig(base: ImageRecord | undefined): RunConfig {
  const config = structuredClone(base?.config.config ?? {})
  const env = config.Env ?? []
  const hasPath = env.some((entry) => entry.startsWith('PATH='))
  return { ...config, Env: hasPath ? env : [...env, `PATH=${DEFAULT_PATH}`] }
}

export const shellOf = (config: RunConfig): string[] =>
  config.Shell?.length ? [...config.Shell] : ['/bin/sh', '-c']

/** The command that identifies a step which runs nothing; most steps have its text in two words, file steps in one. */
export const nopCommand = (config: RunConfig, comment: string): string[] => [
  ...shellOf(config),
  '#(nop) ',
  comment,
]

export const nopCommandInOne = (config: RunConfig, comment: string): string[] => [
  ...shellOf(config),
  `#(nop) ${comment}`,
]

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** The configuration as an image keeps it, without empty values. */
export const storedConfig = (config: RunConfig): OciExecutionConfig =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => !isEmpty(value)))

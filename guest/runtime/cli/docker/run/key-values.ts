/** Reads `-e`, `--env-file` and `--label-file`: lists of NAME=value. */
import { EngineError } from '../../../../protocol/errors.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import { cut } from './checks.ts'

/** The value of a name that was given without one: the caller's variable, or undefined. */
type Lookup = (name: string) => string | undefined

function parseLine(line: string, lookup: Lookup | undefined): string | undefined {
  const text = line.replace(/^\s+/, '')
  if (text === '' || text.startsWith('#')) return undefined
  const [name, value] = cut(text, '=')
  if (name === '') throw new Error(`no variable name on line '${text}'`)
  if (/\s/.test(name)) throw new Error(`variable '${name}' contains whitespaces`)
  if (value !== undefined) return `${name}=${value}`
  if (lookup === undefined) return name
  const found = lookup(name)
  return found === undefined ? undefined : `${name}=${found}`
}

/** @throws Error `poorly formatted environment: …` */
async function readFile(context: CliContext, path: string, lookup: Lookup | undefined): Promise<string[]> {
  try {
    const text = await context.files.readText(resolvePath(context, path))
    return text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .flatMap((line) => parseLine(line, lookup) ?? [])
  } catch (thrown) {
    if (EngineError.from(thrown).code === 'not-found')
      throw new Error(`open ${path}: no such file or directory`)
    throw new Error(`poorly formatted environment: ${(thrown as Error).message}`)
  }
}

async function readFiles(
  context: CliContext,
  paths: readonly string[],
  lookup: Lookup | undefined,
): Promise<string[]> {
  const lists: string[] = []
  for (const path of paths) lists.push(...(await readFile(context, path, lookup)))
  return lists
}

/** Variables of the files, then of `-e`; each `-e NAME` takes the caller's value when there is one. */
export async function readEnvironment(
  context: CliContext<{ env: 'list'; 'env-file': 'list' }>,
): Promise<string[]> {
  const { env } = context.session
  const given = context.flags.list('env').map((entry) => {
    const value = entry.includes('=') ? undefined : env[entry]
    return value === undefined ? entry : `${entry}=${value}`
  })
  return [...(await readFiles(context, context.flags.list('env-file'), (name) => env[name])), ...given]
}

export async function readLabels(
  context: CliContext<{ label: 'list'; 'label-file': 'list' }>,
): Promise<Record<string, string>> {
  const { flags } = context
  return keyValues([
    ...(await readFiles(context, flags.list('label-file'), undefined)),
    ...flags.list('label'),
  ])
}

/** Turns `a=b` into {a: b}; a name alone has an empty value. */
export function keyValues(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [key, value] = cut(entry, '=')
      return [key, value ?? '']
    }),
  )
}

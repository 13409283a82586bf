/**
 * Prints rows in a `--format` (docker/cli `formatter`): `table` aligns its columns under headers, `table TEMPLATE` does
 * so with a template, `json` prints one object a line, and a template alone prints its text.
 */
import { CliError } from '../cli-error.ts'
import type { CliOutput } from '../session.ts'
import { TemplateError, type Template } from '../template/ast.ts'
import { compileTemplate, executeTemplate } from '../template/execute.ts'
import { HEADER_FUNCTIONS } from '../template/functions.ts'
import type { GoObject } from '../template/go-object.ts'
import { alignTabs } from './tabwriter.ts'

export interface Column<Row> {
  /** The column's title; a field without one prints `<no value>` in the header. */
  header?: string
  value: (row: Row) => unknown
}

/** The names that templates can use for a row. `json` prints every column, in the order of their names. */
export interface RowType<Row> {
  /** The type that Go's errors name: `*formatter.ContainerContext`. */
  goType: string
  columns: Record<string, Column<Row>>
  /** Fields with arguments: `{{.Label "name"}}`. Not part of `json`. */
  methods?: Record<string, (row: Row) => (...args: unknown[]) => unknown>
}

/** @param used takes the names of the columns that a template reads */
function rowObject<Row>(type: RowType<Row>, row: Row, used = new Set<string>()): GoObject {
  const valueOf = (name: string): unknown => {
    used.add(name)
    return type.columns[name]!.value(row)
  }
  return {
    goType: type.goType,
    field: (name) => {
      if (Object.hasOwn(type.columns, name)) return valueOf(name)
      return type.methods !== undefined && Object.hasOwn(type.methods, name)
        ? type.methods[name]!(row)
        : undefined
    },
    toJSON: () =>
      Object.fromEntries(
        Object.keys(type.columns)
          .sort()
          .map((name) => [name, valueOf(name)]),
      ),
  }
}

/** The header of a label's column: `com.example.some-key` gives `some key`. */
const labelHeader = (name: unknown): string => String(name).split('.').at(-1)!.replace(/[-_]/g, ' ')

function headerObject<Row>(type: RowType<Row>): GoObject {
  const header = (name: string): unknown => {
    if (name === 'Label' && type.methods?.Label !== undefined) return labelHeader
    return type.columns[name]?.header ?? null
  }
  return { goType: 'formatter.SubHeaderContext', field: header, toJSON: () => ({}) }
}

const isTable = (format: string): boolean => format.startsWith('table')

/** Compiles the template that a format stands for. @throws CliError */
export function compileFormat(format: string, problem = 'template parsing error'): Template {
  const bare = isTable(format) ? format.slice('table'.length) : format === 'json' ? '{{json .}}' : format
  const source = bare
    .replace(/^ +| +$/g, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n')
  return withProblem(problem, () => compileTemplate(source))
}

export function withProblem<T>(problem: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof TemplateError) throw new CliError(`${problem}: ${error.message}`)
    throw error
  }
}

/**
 * Fails as `formatRows` would, before the command asks the engine anything.
 * @returns the columns that the format reads: all of them for `{{json .}}`
 * @throws CliError
 */
export function checkFormat<Row>(format: string, type: RowType<Row>, example: Row): ReadonlySet<string> {
  const used = new Set<string>()
  const template = withProblem('failed to parse template', () => compileTemplate(format))
  withProblem('failed to execute template', () => executeTemplate(template, rowObject(type, example, used)))
  return used
}

function headerLine<Row>(template: Template, type: RowType<Row>): string {
  try {
    return executeTemplate(template, headerObject(type), { functions: HEADER_FUNCTIONS, missing: 'no-value' })
  } catch (error) {
    // Docker prints no header either where a template can't be applied to the titles.
    if (error instanceof TemplateError) return ''
    throw error
  }
}

/** @returns the whole text. @throws CliError naming what is wrong with the format */
export function formatRows<Row>(format: string, type: RowType<Row>, rows: readonly Row[]): string {
  const template = compileFormat(format)
  const lines = withProblem('template parsing error', () =>
    rows.map((row) => `${executeTemplate(template, rowObject(type, row))}\n`),
  )
  if (!isTable(format)) return lines.join('')
  return alignTabs(`${headerLine(template, type)}\n${lines.join('')}`)
}

export async function writeRows<Row>(
  output: CliOutput,
  format: string,
  type: RowType<Row>,
  rows: readonly Row[],
): Promise<void> {
  await output.write(formatRows(format, type, rows))
}

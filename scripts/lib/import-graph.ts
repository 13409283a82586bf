/**
 * Finds which file of the project imports which, as the TypeScript compiler reads them, and where imports form circles.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

export type ImportGraph = ReadonlyMap<string, readonly string[]>

const SCRIPT = /<script[^>]*>([\s\S]*?)<\/script>/g

/** The scripts of a component, which hold its imports. */
function scriptOf(path: string, text: string): string {
  return path.endsWith('.svelte')
    ? [...text.matchAll(SCRIPT)].map(([, script = '']) => script).join('\n')
    : text
}

/** Imports, re-exports and `import()` of every TypeScript file and component that git knows; types included. */
export function importGraph(root: string): ImportGraph {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.svelte'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = new Set(listed.split('\n').filter(Boolean))
  const graph = new Map<string, string[]>()
  for (const file of files) {
    const { importedFiles } = ts.preProcessFile(scriptOf(file, readFileSync(join(root, file), 'utf8')))
    const targets = importedFiles.map(({ fileName }) => normalize(join(dirname(file), fileName)))
    graph.set(
      file,
      targets.filter((target) => files.has(target)),
    )
  }
  return graph
}

/** Circles of imports, each as the files on it; empty when there are none. Depth-first, one circle for each way back. */
export function importCycles(graph: ImportGraph): string[][] {
  const state = new Map<string, 'open' | 'done'>()
  const way: string[] = []
  const circles: string[][] = []
  const visit = (file: string): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      circles.push([...way.slice(way.indexOf(file)), file])
      return
    }
    state.set(file, 'open')
    way.push(file)
    for (const target of graph.get(file) ?? []) visit(target)
    way.pop()
    state.set(file, 'done')
  }
  for (const file of graph.keys()) visit(file)
  return circles
}

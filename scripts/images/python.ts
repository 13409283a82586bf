import type { OciExecutionConfig } from '../../guest/protocol/api/content.ts'
import { splitVersion } from '../lib/debian/packages.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import { type ImageContext, PATH, install, versionOf, versions, versionTags } from './context.ts'
import type { DebianBase } from './debian.ts'
import { compilePython } from './compile-python.ts'

export const PACKAGES = ['python3', 'python3-minimal']
export const LEFT_OUT: string[] = []

export async function buildPython({ layout, plans, records }: ImageContext, base: DebianBase): Promise<void> {
  const packages = plans.get('python')!
  const image = await install(base.image, packages)
  records.set('python', image.records)
  const { tree } = image
  tree.removeWhere((path) => UNNEEDED.test(path))
  await compilePython(tree, versionOf(packages, 'python3'))
  const { name: interpreter, version } = packages.find(({ name }) => /^python3\.\d+$/.test(name))!
  for (const [link, target] of Object.entries(commandLinks(interpreter)))
    tree.symlink(`usr/local/bin/${link}`, target)
  const added = await layout.addLayer(
    diffTrees(base.image.tree, tree),
    `RUN apt-get install -y --no-install-recommends ${versions(packages, 'python3')}`,
  )
  await layout.addImage({
    name: 'python',
    tags: versionTags(splitVersion(version).release),
    layers: [base.layer, added],
    created: tree.mtime,
    config: pythonConfig(version),
  })
}

/** The official image's names for Debian's programs that are in the image. @param interpreter e.g. `python3.13` */
export function commandLinks(interpreter: string): Record<string, string> {
  const minor = interpreter.replace('python', '')
  return {
    [interpreter]: `/usr/bin/${interpreter}`,
    [`pydoc${minor}`]: `/usr/bin/pydoc${minor}`,
    python3: interpreter,
    python: 'python3',
    pydoc3: `pydoc${minor}`,
    pydoc: 'pydoc3',
  }
}

/** @param version Debian's version of the interpreter */
export function pythonConfig(version: string): OciExecutionConfig {
  return {
    // The official Dockerfile puts its folder before a path that already holds it.
    Env: [PATH.replace('=', '=/usr/local/bin:'), `PYTHON_VERSION=${splitVersion(version).release}`],
    Cmd: ['python3'],
  }
}

/** The tests, the graphical toolkit and its editor. */
const UNNEEDED =
  /^usr\/lib\/python3[\d.]*\/(test|idlelib|tkinter|turtledemo|lib2to3|ensurepip|turtle\.py|config-\d.*)$/

import { diffTrees } from '../lib/trees/tree-diff.ts'
import { type ImageContext, PATH, install, versions } from './context.ts'
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
  const version = packages.find(({ name }) => name === 'python3')!.version
  await compilePython(tree, version)
  tree.symlink('usr/local/bin/python', '/usr/bin/python3')
  tree.symlink('usr/local/bin/python3', '/usr/bin/python3')
  const added = await layout.addLayer(
    diffTrees(base.image.tree, tree),
    `RUN apt-get install -y --no-install-recommends ${versions(packages, 'python3')}`,
  )
  await layout.addImage({
    name: 'python',
    layers: [base.layer, added],
    created: tree.mtime,
    config: {
      Env: [PATH, 'LANG=C.UTF-8', `PYTHON_VERSION=${version.replace(/-.*/, '')}`],
      Cmd: ['python3'],
    },
  })
}

/** Tests, the graphical toolkit and its editor. */
const UNNEEDED =
  /^usr\/lib\/python3[\d.]*\/(test|idlelib|tkinter|turtledemo|lib2to3|ensurepip|turtle\.py|config-\d.*)$/

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileTree } from '../lib/trees/file-tree.ts'
import { sourceRecords } from '../lib/debian/source-record.ts'
import { run } from '../lib/run.ts'
import { muslGccArgs, sysrootPackages } from '../lib/debian/sysroot.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import { IMAGE_SOURCES, type ImageContext, PATH } from './context.ts'

/** The image holds nothing of a package, so its date is when the program was written. */
const CREATED = Date.UTC(2025, 0, 1) / 1000

export async function buildHelloWorld({ layout, sysroot, records }: ImageContext): Promise<void> {
  const tree = new FileTree(CREATED)
  tree.file('hello', await compile(sysroot), { mode: 0o755 })
  records.set('hello-world', await sourceRecords(await sysrootPackages()))
  const layer = await layout.addLayer(
    diffTrees(new FileTree(0), tree),
    'COPY hello / # guest/images/hello-world',
  )
  const config = { Env: [PATH], Cmd: ['/hello'], WorkingDir: '/' }
  await layout.addImage({ name: 'hello-world', tags: ['linux'], layers: [layer], created: CREATED, config })
}

async function compile(sysroot: string): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), 'porthole-hello-'))
  try {
    const program = join(dir, 'hello')
    const { before, after } = muslGccArgs(sysroot)
    const flags = ['-Wall', '-Wextra', '-Werror', '-Os', '-s', '-Wl,--build-id=none']
    const source = join(IMAGE_SOURCES, 'hello-world/hello.c')
    await run('gcc', [...before, ...flags, '-o', program, source, ...after])
    return await readFile(program)
  } finally {
    await rm(dir, { recursive: true })
  }
}

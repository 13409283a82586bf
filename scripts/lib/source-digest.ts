import { statSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { hashJson, sha256File } from './hash.ts'
import { projectRoot } from './paths.ts'
import { listFiles } from './publish.ts'

/**
 * One digest over files and folders of the checkout, named from its root: for cache keys of quick builds. Unit tests
 * beside the sources do not count.
 */
export async function digestSources(...paths: string[]): Promise<string> {
  const files = await Promise.all(
    paths.map(async (path) => {
      if (!statSync(join(projectRoot, path)).isDirectory()) return [path]
      return (await listFiles(join(projectRoot, path))).map((name) => `${path}/${name}`)
    }),
  )
  const relevant = files.flat().filter((path) => !path.endsWith('.test.ts'))
  return hashJson(
    await Promise.all(relevant.map(async (path) => [path, await sha256File(join(projectRoot, path))])),
  )
}

/**
 * The digest of a script together with every module of the checkout that it imports. Their text is an input of what the
 * script makes, so nobody has to keep a version number by hand.
 */
export async function digestScript(script: string): Promise<string> {
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints: [script],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  return digestSources(...Object.keys(metafile.inputs).sort())
}

/** Bundles the engine (guest/runtime/main.ts) into one CommonJS file for the guest's Node and prints its path. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { EngineError } from '../guest/protocol/errors.ts'
import { sha256 } from './lib/hash.ts'
import { isMain, main } from './lib/main.ts'
import { cacheRoot, projectRoot } from './lib/paths.ts'

export const ENGINE_SOURCE = join(projectRoot, 'guest/runtime/main.ts')

/** The bundle's bytes. Names stay readable: a learner can open the file in the guest. */
export async function bundleEngine(): Promise<Buffer> {
  if (!existsSync(ENGINE_SOURCE)) {
    throw new EngineError('not-found', `${ENGINE_SOURCE} is missing: this checkout has no engine to bundle`)
  }
  const result = await build({
    absWorkingDir: projectRoot,
    entryPoints: [ENGINE_SOURCE],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: false,
    keepNames: false,
    legalComments: 'eof',
    logLevel: 'silent',
    write: false,
  })
  return Buffer.from(result.outputFiles[0]!.contents)
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const bundle = await bundleEngine()
    const path = join(cacheRoot(), 'engine', sha256(bundle), 'engine.cjs')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bundle)
    console.log(path)
  })
}

/** Bundles the engine (guest/runtime/main.ts) into one CommonJS file for the guest's Node and prints its path. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BuildFailure, type BuildOptions, build } from 'esbuild'
import { EngineError } from '../guest/protocol/errors.ts'
import { sha256 } from './lib/hash.ts'
import { isMain, main } from './lib/main.ts'
import { cacheRoot, projectRoot } from './lib/paths.ts'

export const ENGINE_SOURCE = join(projectRoot, 'guest/runtime/main.ts')

export interface EngineBundle {
  code: Buffer
  /** Folders of the npm packages in the bundle. */
  packages: string[]
}

/** Names stay readable, so that a learner can open the file in the guest. */
export async function bundleEngine(): Promise<EngineBundle> {
  if (!existsSync(ENGINE_SOURCE)) {
    throw new EngineError('not-found', `${ENGINE_SOURCE} is missing: this checkout has no engine to bundle`)
  }
  const result = await build(OPTIONS).catch((failure: BuildFailure) => {
    throw new EngineError('invalid', `the engine cannot be bundled: ${describeErrors(failure)}`, {}, failure)
  })
  const folders = Object.keys(result.metafile.inputs).flatMap((path) => PACKAGE_FOLDER.exec(path)?.[0] ?? [])
  return { code: Buffer.from(result.outputFiles[0]!.contents), packages: [...new Set(folders)].sort() }
}

const OPTIONS = {
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
  metafile: true,
  write: false,
} satisfies BuildOptions

/** `file:line: what` for each error; anything else that esbuild throws has no list of errors. */
function describeErrors(failure: BuildFailure): string {
  const place = (at: BuildFailure['errors'][number]['location']) => (at ? `${at.file}:${at.line}: ` : '')
  return failure.errors?.map(({ location, text }) => place(location) + text).join('; ') ?? failure.message
}

/** `node_modules/name` or `node_modules/@scope/name`, the innermost one. */
const PACKAGE_FOLDER = /^.*node_modules\/(@[^/]+\/)?[^/]+/

if (isMain(import.meta.url)) {
  await main(async () => {
    const { code } = await bundleEngine()
    const path = join(cacheRoot(), 'engine', sha256(code), 'engine.cjs')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, code)
    console.log(path)
  })
}

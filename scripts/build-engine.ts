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
  return { code: asciiCode(result.outputFiles[0]!.text), packages: [...new Set(folders)].sort() }
}

/**
 * esbuild leaves other characters than ASCII in comments only. One beyond Latin-1 would make V8 hold the whole text in two
 * bytes a character.
 */
function asciiCode(text: string): Buffer {
  const ascii = text.replaceAll('→', '->').replaceAll('…', '...')
  return Buffer.from(ascii.replaceAll(/[^\0-\x7f]/g, '?'), 'ascii')
}

/**
 * Built-in modules that have native state when they are loaded, which V8's start-up snapshots cannot hold: while one is made
 * (build-engine-snapshot.ts), each is loaded only when it is first used, and so in the process that starts from it.
 */
const LATE = ['child_process', 'dgram', 'http', 'https', 'tls'].flatMap((name) => [name, `node:${name}`])

/** Stands before the bundle's modules, whose `require` it replaces. */
const LATE_MODULES = `'use strict'
if (require('node:v8').startupSnapshot.isBuildingSnapshot()) {
  const late = new Set(${JSON.stringify(LATE)})
  const load = require
  require = (name) =>
    late.has(name) ? new Proxy({}, { get: (_, key) => load(name)[key] }) : load(name)
}`

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
  banner: { js: LATE_MODULES },
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

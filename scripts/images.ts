/**
 * `npm run images -- COMMAND`: the images that the site carries beside the bundled ones, which images.yaml names.
 *
 *   add REFERENCE [--from REGISTRY[/NAME[:TAG]] | --from docker | --from ARCHIVE]   copies it, and names it there
 *   remove REFERENCE                                                               names it there no more
 *   list                                                                           those that are named there
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { EngineError } from '../guest/protocol/errors.ts'
import { familiarReference } from '../guest/vocabulary/image-reference.ts'
import { fetchAdded, findDigest, originOf } from './lib/images/added-image.ts'
import { formatOrigin, parseOrigin } from './lib/images/image-origin.ts'
import {
  type ListedImage,
  imageListFile,
  parseImageList,
  siteReference,
  withImage,
  withoutImage,
} from './lib/images/image-list.ts'
import { isMain, main } from './lib/main.ts'

const USAGE =
  'npm run images -- add REFERENCE [--from REGISTRY | --from docker | --from ARCHIVE] | remove REFERENCE | list'
const NEXT = '`npm start` or `npm run build` makes the site with it'

/** Runs a command on a list of images and resolves with what it says. Rejects with EngineError. */
export async function runImages(argv: string[], file = imageListFile): Promise<string> {
  const { command, reference, from } = parse(argv)
  const text = existsSync(file) ? await readFile(file, 'utf8') : ''
  if (command === 'list') return list(parseImageList(text))
  if (reference === undefined) throw usage(`${command} takes the name of one image`)
  if (command === 'remove') {
    await writeFile(file, withoutImage(text, reference))
    return `${familiarReference(siteReference(reference))} is no longer in images.yaml`
  }
  return add(file, text, reference, from)
}

async function add(file: string, text: string, name: string, from: string | undefined): Promise<string> {
  parseImageList(text)
  const wanted = siteReference(name)
  const reference = familiarReference(wanted)
  const digest = await findDigest(reference, parseOrigin(from, wanted))
  const image: ListedImage = { reference, ...(from !== undefined && { from }), digest }
  const { layers, size } = await fetchAdded(image)
  await writeFile(file, withImage(text, image))
  const amount = `${layers} layer${layers === 1 ? '' : 's'}, ${(size / 1e6).toFixed(1)} MB`
  return `${reference} is in images.yaml (${amount}): ${NEXT}`
}

function list(images: readonly ListedImage[]): string {
  if (images.length === 0) return 'images.yaml names no images: `npm run images -- add REFERENCE` adds one'
  const rows = images.map((image) => [image.reference, formatOrigin(originOf(image)), image.digest] as const)
  const width = (at: 0 | 1): number => Math.max(...rows.map((row) => row[at].length))
  return rows
    .map(([name, origin, digest]) => `${name.padEnd(width(0))}  ${origin.padEnd(width(1))}  ${digest}`)
    .join('\n')
}

function parse(argv: string[]): { command: string; reference?: string; from?: string } {
  const { values, positionals } = readArguments(argv)
  const [command, reference, ...rest] = positionals
  const { from } = values
  if (command === undefined || !['add', 'remove', 'list'].includes(command) || rest.length > 0)
    throw usage('add, remove or list is needed')
  if (command === 'list' && reference !== undefined) throw usage('list takes no name')
  if (command !== 'add' && from !== undefined) throw usage('--from goes with add')
  return { command, reference, from }
}

function readArguments(argv: string[]) {
  try {
    return parseArgs({ args: argv, allowPositionals: true, options: { from: { type: 'string' } } })
  } catch (error) {
    throw usage((error as Error).message)
  }
}

const usage = (what: string): EngineError => new EngineError('invalid', `${what}\nusage: ${USAGE}`)

if (isMain(import.meta.url)) await main(async () => console.log(await runImages(process.argv.slice(2))))

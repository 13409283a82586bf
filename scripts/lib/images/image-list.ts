/** `images.yaml` at the top of the checkout: the images that a site carries beside the bundled ones. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, isNode, isSeq, parseDocument, type Document, type YAMLSeq } from 'yaml'
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { isDigest } from '../../../guest/vocabulary/digest.ts'
import {
  type ImageReference,
  familiarReference,
  parseReference,
  withDefaultTag,
} from '../../../guest/vocabulary/image-reference.ts'
import { LOCAL_REGISTRY } from '../../../web/src/registry-client/registry-origin.ts'
import { projectRoot } from '../paths.ts'

export interface ListedImage {
  /** The name by which the site has it: `python:3.12-alpine`. */
  reference: string
  /** See image-origin.ts; absent for the registry of the reference. */
  from?: string
  /** Of the manifest for linux/386, or of the configuration when it comes from a Docker or an archive. */
  digest: Digest
}

export const imageListFile = join(projectRoot, 'images.yaml')
const NAME = 'images.yaml'
const FIELDS = ['reference', 'from', 'digest']
const HEADER =
  " What this site carries beside the bundled images; 'npm run images' writes it: see docs/images.md."

/** Empty without the file. Rejects with EngineError `invalid`. */
export async function readImageList(file = imageListFile): Promise<ListedImage[]> {
  return existsSync(file) ? parseImageList(await readFile(file, 'utf8')) : []
}

/** @throws EngineError `invalid`, naming the entry and what it lacks */
export function parseImageList(text: string): ListedImage[] {
  const entries: unknown = parsed(text).toJS() ?? []
  if (!Array.isArray(entries)) throw invalid('is not a list')
  const images = entries.map(parseEntry)
  const twice = images.find((image, at) => images.findIndex((other) => same(other, image)) !== at)
  if (twice !== undefined) throw invalid(`names ${twice.reference} twice`)
  return images
}

/** The text with the image in it, in the place of another with its name; comments stay. @throws EngineError `invalid` */
export function withImage(text: string, image: ListedImage): string {
  const at = parseImageList(text).findIndex((other) => same(other, image))
  const document = parsed(text)
  const list = listOf(document)
  const node = document.createNode(image)
  // A comment above the image belongs to its node.
  node.commentBefore = isNode(list.items[at]) ? list.items[at].commentBefore : null
  list.items.splice(at < 0 ? list.items.length : at, 1, node)
  return written(document)
}

/** @throws EngineError `not-found` for an image that is not in the text, `invalid` */
export function withoutImage(text: string, reference: string): string {
  const name = familiarReference(siteReference(reference))
  const at = parseImageList(text).findIndex((image) => image.reference === name)
  if (at < 0) throw new EngineError('not-found', `${name} is not in ${NAME}`)
  const document = parsed(text)
  listOf(document).items.splice(at, 1)
  return written(document)
}

/** A name that an image of the site may have. @throws EngineError `invalid` */
export function siteReference(text: string): ImageReference {
  const reference = parseReference(text)
  if (reference.digest !== undefined)
    throw new EngineError('invalid', `${text} has a digest: give it a tag, the digest is found and pinned`)
  if (reference.domain === '' || reference.domain === LOCAL_REGISTRY)
    throw new EngineError(
      'invalid',
      `${text} cannot be an image of the site: ${reference.domain === '' ? 'it names no registry' : `${LOCAL_REGISTRY} is each page’s own registry`}`,
    )
  return withDefaultTag(reference)
}

function parseEntry(entry: unknown, index: number): ListedImage {
  const { reference, from, digest, ...rest } = isRecord(entry) ? entry : {}
  if (typeof reference !== 'string') throw invalid(`has no reference in entry ${index + 1}`)
  const name = familiarReference(siteReference(reference))
  const unknown = Object.keys(rest)[0]
  if (unknown !== undefined)
    throw invalid(`has the field "${unknown}" for ${name}; there are ${FIELDS.join(', ')}`)
  if (from !== undefined && typeof from !== 'string')
    throw invalid(`has a "from" for ${name} that is no text`)
  if (typeof digest !== 'string' || !isDigest(digest))
    throw invalid(`has no digest for ${name}: \`npm run images -- add ${name}\` finds it`)
  return { reference: name, ...(from !== undefined && { from }), digest: digest as Digest }
}

const same = (one: ListedImage, other: ListedImage): boolean => one.reference === other.reference

function parsed(text: string): Document {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new EngineError('invalid', `${NAME}: ${error.message.split('\n')[0]}`)
  return document as Document
}

/** The list in the document, made when there is none. */
function listOf(document: Document): YAMLSeq {
  if (!isSeq(document.contents)) {
    document.commentBefore ??= HEADER
    document.contents = document.createNode([])
  }
  return document.contents as YAMLSeq
}

function written(document: Document): string {
  const list = listOf(document)
  list.flow = list.items.length === 0
  for (const item of list.items) if (isMap(item)) item.flow = false
  return document.toString({ lineWidth: 0 })
}

const invalid = (what: string): EngineError => new EngineError('invalid', `${NAME} ${what}`)

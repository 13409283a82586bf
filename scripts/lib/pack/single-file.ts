/** Makes porthole.html: the page, a machine's files and the chosen images in one file that a browser opens from a disk. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build, type Rolldown } from 'vite'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { embedBytes } from '../../../web/src/embedded-bytes.ts'
import { projectRoot } from '../paths.ts'
import { listFiles } from '../publish.ts'

/** Bytes: browsers hold such a file in memory several times while they read it. */
export const MAX_SIZE = 80_000_000

export interface SingleFileOptions {
  /** The built site. */
  site: string
  /** Paths of the chunks that the guest reads. */
  chunks: readonly string[]
  /** Paths of the blobs of the chosen images. */
  blobs: readonly string[]
  /** The list of images, with the chosen ones alone. */
  index: Uint8Array
}

/** @throws EngineError `too-large`, with the sizes of its parts */
export async function singleFile(options: SingleFileOptions): Promise<Buffer> {
  const { script, style } = await bundlePage()
  const icon = await readFile(join(projectRoot, 'public/icon.svg'), 'base64')
  const iconUrl = `data:image/svg+xml;base64,${icon}`
  const program = asciiScript(script)
    .replaceAll('./icon.svg', iconUrl)
    .replaceAll(/<(?=\/script|!--)/gi, '\\x3c')
  const rules = asciiStyle(style)
  const parts = await embeddedParts(options)
  const blocks = parts.map(({ name, files }) => ({ name, bytes: Buffer.concat(files.map(block)) }))
  const html = Buffer.concat([
    Buffer.from(
      '<!doctype html>\n<html lang="en"><head><meta charset="windows-1252">\n' +
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">\n' +
        '<meta name="color-scheme" content="light dark">\n' +
        `<title>Porthole</title><link rel="icon" href="${iconUrl}"><style>${rules}</style></head>\n` +
        '<body><div id="app"></div>\n',
    ),
    ...blocks.map(({ bytes }) => bytes),
    Buffer.from(`<script>${program}</script></body></html>\n`),
  ])
  checkSize(html.length, [
    ...blocks.map(({ name, bytes }) => ({ name, size: bytes.length })),
    { name: 'page', size: program.length + rules.length },
  ])
  return html
}

/** Writes letters beyond ASCII of a script as escapes: the document is in windows-1252, which lacks most of them. */
export const asciiScript = (script: string): string =>
  script.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Writes letters beyond ASCII of a style sheet as escapes: https://www.w3.org/TR/css-syntax-3/#escaping */
export const asciiStyle = (style: string): string =>
  style.replaceAll(/[^\0-\x7f]/gu, (letter) => `\\${letter.codePointAt(0)!.toString(16).padStart(6, '0')}`)

/** @throws EngineError `too-large`, naming the sizes */
export function checkSize(size: number, parts: readonly { name: string; size: number }[]): void {
  if (size <= MAX_SIZE) return
  const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  const list = parts.map((part) => `${part.name} ${mega(part.size)}`).join(', ')
  throw new EngineError(
    'too-large',
    `porthole.html would have ${mega(size)}, and ${mega(MAX_SIZE)} are allowed (${list}): name fewer images with --images`,
    { size },
  )
}

type EmbeddedFile = readonly [path: string, bytes: Uint8Array]

const block = ([path, bytes]: EmbeddedFile): Buffer =>
  Buffer.concat([
    Buffer.from(`<script type="application/octet-stream" data-path="${path}">`),
    embedBytes(bytes),
    Buffer.from('</script>\n'),
  ])

/** Files of the site that a page without a server reads by name; others it reads without a network only from a server. */
const SYSTEM =
  /^guest\/(manifest\.json|system\/[^/]+\/index\.json\.gz|state\/256\/(index\.json|state\.zst\.\d+))$/
const SMALL = /^(lessons\/.+|licences\.json)$/

async function embeddedParts({
  site,
  chunks,
  blobs,
  index,
}: SingleFileOptions): Promise<{ name: string; files: EmbeddedFile[] }[]> {
  const paths = await listFiles(site)
  const read = (list: readonly string[]): Promise<EmbeddedFile[]> =>
    Promise.all(list.map(async (path) => [path, await readFile(join(site, path))] as const))
  const wasm = await readFile(join(projectRoot, 'node_modules/v86/build/v86.wasm'))
  return [
    {
      name: 'system',
      files: [...(await read(paths.filter((path) => SYSTEM.test(path)))), ['v86.wasm', wasm]],
    },
    { name: 'programs of the guest', files: await read(chunks) },
    { name: 'images', files: [['images/index.json', index], ...(await read(blobs))] },
    { name: 'lessons', files: await read(paths.filter((path) => SMALL.test(path))) },
  ]
}

/** The page as one plain script, its worker inside of it. */
async function bundlePage(): Promise<{ script: string; style: string }> {
  const result = await build({
    root: join(projectRoot, 'web'),
    configFile: false,
    logLevel: 'error',
    plugins: [svelte({ configFile: false })],
    worker: { format: 'iife' },
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
      cssCodeSplit: false,
      rolldownOptions: {
        input: join(projectRoot, 'web/src/single-file.ts'),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  })
  const { output } = result as Rolldown.RolldownOutput
  const script = output.find((file) => file.type === 'chunk')
  const style = output.find((file) => file.type === 'asset' && file.fileName.endsWith('.css'))
  if (script?.type !== 'chunk' || style?.type !== 'asset')
    throw new EngineError('internal', 'the page of porthole.html was built without its script or its style')
  return { script: script.code, style: String(style.source) }
}

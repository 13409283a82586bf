/** Builds embed.js, which other people's pages load on every visit: one plain script of a known size. */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Plugin } from 'vite'
import { EngineError } from '../../guest/protocol/errors.ts'
import { note } from './log.ts'

const ENTRY = 'web/src/embed/element/embed.ts'
/** Bytes after gzip; UX of the embed: a documentation page must not be slower for it. */
const MAX_SIZE = 15 * 1024

/** Serves embed.js while the page is developed, and puts it beside index.html in a build, under a name that never changes. */
export function embedScript(): Plugin {
  return {
    name: 'porthole-embed-script',
    configureServer(server) {
      server.middlewares.use('/embed.js', (_request, response, next) => {
        bundle(false).then((code) => response.setHeader('content-type', 'text/javascript').end(code), next)
      })
    },
    async generateBundle() {
      const source = await bundle(true)
      note(`  embed.js: ${checkedSize(source)} bytes after gzip, at most ${MAX_SIZE}`)
      this.emitFile({ type: 'asset', fileName: 'embed.js', source })
    },
  }
}

/** Bytes after gzip. @throws EngineError `too-large` beyond what a page may be asked to load */
export function checkedSize(source: string, limit = MAX_SIZE): number {
  const size = gzipSync(source, { level: 9 }).length
  if (size <= limit) return size
  throw new EngineError(
    'too-large',
    `embed.js has ${size} bytes after gzip, and ${limit} are allowed: import less in ${ENTRY}`,
  )
}

async function bundle(minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify,
    write: false,
  })
  return outputFiles[0]!.text
}

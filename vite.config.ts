import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build } from 'esbuild'
import { defineConfig, type Plugin } from 'vite'
import { npmRecords } from './scripts/lib/debian/source-record.ts'
import { embedScript } from './scripts/lib/embed-script.ts'
import { siteLessonFiles } from './scripts/lib/lessons/lesson-list.ts'
import { SHELL_FILES } from './scripts/lib/shell-files.ts'
import { parseMirrors } from './web/src/registry-client/registry-mirrors.ts'

/** For hosts to fill in: see web/src/state/site-config.ts. */
const SITE_CONFIG = '{}\n'
/** See web/src/registry-client/registry-mirrors.ts. A site without mirrors has an empty one, so that none is missing. */
const REGISTRIES = 'public/registries.json'
const SERVICE_WORKER = 'web/src/service-worker/preview-worker.ts'

/**
 * The Service Worker's scope is the folder it lies in, so it must be one plain script beside index.html, under a name
 * that never changes; everything else of the app is content-hashed.
 */
export function serviceWorker(): Plugin {
  const bundle = async (minify: boolean) => {
    const { outputFiles } = await build({
      entryPoints: [SERVICE_WORKER],
      bundle: true,
      format: 'iife',
      target: 'es2022',
      minify,
      write: false,
    })
    return outputFiles[0]!.text
  }
  return {
    name: 'porthole-service-worker',
    configureServer(server) {
      server.middlewares.use('/preview-worker.js', (_request, response, next) => {
        bundle(false).then((code) => response.setHeader('content-type', 'text/javascript').end(code), next)
      })
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'preview-worker.js', source: await bundle(true) })
    },
  }
}

/** Puts load-failure.ts in front of all else in index.html and embed.html, where no missing file can keep it away. */
function loadFailure(): Plugin {
  return {
    name: 'porthole-load-failure',
    async transformIndexHtml(_html, { filename }) {
      if (!/(index|embed)\.html$/.test(filename)) return []
      return [{ tag: 'script', children: await inlineScript(), injectTo: 'head-prepend' }]
    },
  }
}

async function inlineScript(): Promise<string> {
  const entryPoints = ['web/src/load-failure.ts']
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    format: 'iife',
    minify: true,
    write: false,
  })
  return outputFiles[0]!.text
}

/** The page's own small files of public/; guest artefacts and images are linked into dist by scripts/build.ts. */
function shellFiles(): Plugin {
  return {
    name: 'porthole-shell-files',
    configureServer(server) {
      server.middlewares.use('/site.json', (_request, response) => {
        response.setHeader('content-type', 'application/json').end(SITE_CONFIG)
      })
      // A page under development has no release; the server would answer with index.html.
      server.middlewares.use('/release.json', (_request, response) => {
        response.writeHead(404).end()
      })
      server.middlewares.use('/registries.json', (_request, response, next) => {
        registries().then((text) => response.setHeader('content-type', 'application/json').end(text), next)
      })
    },
    async generateBundle() {
      for (const fileName of SHELL_FILES) {
        this.emitFile({ type: 'asset', fileName, source: await readFile(`public/${fileName}`) })
      }
      this.emitFile({ type: 'asset', fileName: 'site.json', source: SITE_CONFIG })
      this.emitFile({ type: 'asset', fileName: 'registries.json', source: await registries() })
    },
  }
}

/** The site's mirrors of registries. Rejects with EngineError for what is wrong in the file. */
async function registries(): Promise<string> {
  const text = existsSync(REGISTRIES) ? await readFile(REGISTRIES, 'utf8') : '{}\n'
  parseMirrors(text)
  return text
}

/** The lessons, in `lessons/` beside index.html: a site may put its own there, and name them in list.json. */
export function lessons(): Plugin {
  return {
    name: 'porthole-lessons',
    configureServer(server) {
      server.middlewares.use('/lessons', (request, response, next) => {
        const path = (request.url ?? '').replace(/^\//, '').replace(/\?.*$/, '')
        lessonFile(path).then((content) => (content === undefined ? next() : response.end(content)), next)
      })
    },
    async generateBundle() {
      const { files, list } = await siteLessonFiles()
      this.emitFile({ type: 'asset', fileName: 'lessons/list.json', source: list })
      for (const [path, source] of files)
        this.emitFile({ type: 'asset', fileName: `lessons/${path}`, source: await readFile(source) })
    },
  }
}

/** A file as a site has it in `lessons/`; undefined for what is none. */
async function lessonFile(path: string): Promise<string | Buffer | undefined> {
  const { files, list } = await siteLessonFiles()
  if (path === 'list.json') return list
  const source = files.get(path)
  return source === undefined ? undefined : readFile(source)
}

/** `node_modules/name` or `node_modules/@scope/name`, the innermost one. */
const PACKAGE_FOLDER = /^.*(node_modules\/(?:@[^/]+\/)?[^/]+)/

/**
 * Lists the npm packages that the page and its workers are made of in licences.json, as public/guest/manifest.json lists
 * those of the guest. The dev server bundles nothing, so its list is empty.
 */
export function licences(): { page: Plugin; worker: () => Plugin } {
  const folders = new Set<string>()
  const collect: Plugin['generateBundle'] = (_options, bundle) => {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue
      for (const id of chunk.moduleIds) {
        const folder = PACKAGE_FOLDER.exec(id)?.[1]
        if (folder !== undefined) folders.add(folder)
      }
    }
  }
  return {
    worker: () => ({ name: 'porthole-worker-packages', generateBundle: collect }),
    page: {
      name: 'porthole-licences',
      configureServer(server) {
        server.middlewares.use('/licences.json', (_request, response) => {
          response.setHeader('content-type', 'application/json').end('{"packages":[]}')
        })
      },
      // Workers are bundled while the page's modules are read.
      async generateBundle(options, bundle, isWrite) {
        await collect.call(this, options, bundle, isWrite)
        const packages = await npmRecords([...folders].sort())
        this.emitFile({ type: 'asset', fileName: 'licences.json', source: JSON.stringify({ packages }) })
      },
    },
  }
}

/**
 * Inline scripts and foreign origins are needed by the dev server's hot reload only, so the policy is the build's.
 * @param inline the one script that may be inline, in the words of the policy
 */
const contentPolicy = (inline: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${inline}`,
    "style-src 'self' 'unsafe-inline'", // xterm and uPlot measure and place their cells by style
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // Registries: any that is encrypted, and of the others those of this machine, as Docker does. A name that a person
    // pulls from can't be known at build time, and scripts of other origins, who could send data there, don't run here.
    "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
    "worker-src 'self' blob:", // v86 begins with a nested blob worker to yield through
    // The origin that a host has for previews can't be known at build time either; what is framed can't reach the page.
    "frame-src 'self' https: http://localhost:* http://127.0.0.1:*",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

function contentSecurityPolicy(): Plugin {
  return {
    name: 'porthole-content-security-policy',
    apply: 'build',
    async transformIndexHtml() {
      const digest = createHash('sha256')
        .update(await inlineScript())
        .digest('base64')
      const attrs = { 'http-equiv': 'Content-Security-Policy', content: contentPolicy(`'sha256-${digest}'`) }
      return [{ tag: 'meta', attrs, injectTo: 'head-prepend' }]
    },
  }
}

const packages = licences()

export default defineConfig({
  root: 'web',
  base: './',
  publicDir: '../public',
  plugins: [
    svelte(),
    serviceWorker(),
    embedScript(),
    shellFiles(),
    lessons(),
    packages.page,
    loadFailure(),
    contentSecurityPolicy(),
  ],
  worker: { format: 'es', plugins: () => [packages.worker()] },
  build: {
    outDir: '../dist',
    // preview.html is the frame on the origin that a site has for previews, class.html the teacher's page, embed.html the
    // page in other sites' pages.
    rolldownOptions: { input: ['web/index.html', 'web/preview.html', 'web/class.html', 'web/embed.html'] },
    emptyOutDir: true,
    copyPublicDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    // One chunk per lazily loaded addon is what we ask for; the rest is one program.
    chunkSizeWarningLimit: 800,
  },
})

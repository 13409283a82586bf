// Serves the folder `site` beside this file: `node serve.mjs [PORT] [ADDRESS]`. Needs Node 18 or later and nothing else.
// PORT is 8080 unless it is given; previews of published ports get the next one. ADDRESS is 127.0.0.1, this computer
// alone; 0.0.0.0 lets others in, whose browsers then keep nothing for use without a network, as they do so on HTTPS alone.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

const SITE = fileURLToPath(new URL('site', import.meta.url))
const TYPES = JSON.parse(`@TYPES@`)
const IMMUTABLE = /@IMMUTABLE@/
const ports = []

async function answer(request, response) {
  const path = pathOf(request.url)
  if (path === '/site.json') return sendConfig(request, response)
  const file = path && normalize(join(SITE, path.endsWith('/') ? `${path}index.html` : path))
  const found = file?.startsWith(SITE + sep) ? await stat(file).catch(() => undefined) : undefined
  if (!found?.isFile() || !['GET', 'HEAD'].includes(request.method)) return response.writeHead(404).end()
  response.writeHead(200, {
    'content-type': TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream',
    'content-length': found.size,
    'cache-control': IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (request.method === 'HEAD') return response.end()
  await pipeline(createReadStream(file), response)
}

function pathOf(url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://host').pathname)
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined // broken escapes name no file
  }
}

function sendConfig({ headers }, response) {
  const name = (headers.host ?? 'localhost').replace(/:\d+$/, '')
  const [page, preview] = ports.map((port) => `http://${name}:${port}/`)
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' })
  response.end(JSON.stringify({ page, preview }))
}

const listen = (port, address) =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy())
    })
    server.once('error', reject)
    server.listen(port, address, () => resolve(server.address().port))
  })

const first = Number(process.argv[2] ?? 8080)
const address = process.argv[3] ?? '127.0.0.1'
ports.push(await listen(first, address))
ports.push(await listen(first === 0 ? 0 : first + 1, address))
console.log(
  `Porthole is at http://${address === '127.0.0.1' ? 'localhost' : address}:${ports[0]}/ (Ctrl-C stops it)`,
)

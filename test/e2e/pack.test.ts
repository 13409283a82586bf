import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packSite } from '../../scripts/pack.ts'
import { sha256 } from '../../scripts/lib/hash.ts'
import { listFiles } from '../../scripts/lib/publish.ts'
import { runText } from '../../scripts/lib/run.ts'
import { TYPES } from '../../scripts/lib/static-files.ts'
import { distDir } from '../../scripts/serve.ts'

let scratch: string
let unpacked: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pack-'))
  const { path } = await packSite(distDir, scratch)
  await runText('python3', ['-m', 'zipfile', '-e', path, scratch])
  unpacked = join(scratch, 'porthole-offline')
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Starts a server of the archive on a free port; it is ended after `use`. */
async function served(command: string[], use: (url: string) => Promise<void>): Promise<void> {
  const server = spawn(command[0]!, [...command.slice(1), '0'], { cwd: unpacked })
  const ended = once(server, 'close')
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    await use(/http:\/\/\S+/.exec(line)![0])
  } finally {
    server.kill()
    await ended
  }
}

test.each([[['python3', 'serve.py']], [['node', 'serve.mjs']]])(
  '%j serves every file of the site, as what it is',
  async (command) => {
    await served(command, async (url) => {
      const own = new Set(['site.json'])
      const paths = (await listFiles(distDir)).filter((path) => !path.startsWith('.') && !own.has(path))
      expect(paths.length).toBeGreaterThan(200)
      for (const path of paths) {
        const response = await fetch(url + encodeURI(path))
        expect(response.headers.get('content-type'), path).toBe(
          TYPES[extname(path)] ?? 'application/octet-stream',
        )
        const bytes = new Uint8Array(await response.arrayBuffer())
        expect(sha256(bytes), path).toBe(sha256(await readFile(join(distDir, path))))
      }
      expect(await (await fetch(url)).text()).toContain('<title>Porthole</title>')
      const config = (await (await fetch(`${url}site.json`)).json()) as { page: string; preview: string }
      expect(config.page).toBe(url)
      expect((await fetch(`${config.preview}preview.html`)).status).toBe(200)
      for (const outside of ['../serve.py', '%2e%2e/serve.py', 'missing', 'assets/'])
        expect((await fetch(url + outside)).status, outside).toBe(404)
    })
  },
)

test('names what it is made of, and how to start, in both languages', async () => {
  const licences = await readFile(join(unpacked, 'LICENCES.txt'), 'utf8')
  expect(licences).toMatch(/^busybox-static .*\n {4}licence: .*GPL-2/m)
  expect(licences).toMatch(/^v86 .*\n {4}licence: BSD-2-Clause/m)
  for (const name of ['README.md', 'README.zh-CN.md'])
    expect(await readFile(join(unpacked, name), 'utf8')).toContain('python3 serve.py')
})

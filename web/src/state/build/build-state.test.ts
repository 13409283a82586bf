import 'fake-indexeddb/auto'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import type { EngineRequest } from '../../../../guest/protocol/api/engine-transport.ts'
import { EngineClient } from '../../client/engine-client.ts'
import { StoredDrafts } from '../../stored-drafts.ts'
import type { BuildFile } from './build-files.ts'
import { BuildState } from './build-state.svelte.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

async function untar(archive: Uint8Array): Promise<Record<string, string>> {
  const reader = extract()
  reader.end(archive)
  const files: Record<string, string> = {}
  for await (const entry of reader) {
    let text = ''
    for await (const chunk of entry as AsyncIterable<Buffer>) text += chunk.toString()
    files[`${entry.header.name} ${entry.header.mode?.toString(8)}`] = text
  }
  return files
}

/** An engine that answers every build with `lines` and keeps what it was sent. */
function engine(lines: object[] = [{ stream: 'Step 1/1 : FROM busybox\n' }]) {
  const requests: EngineRequest[] = []
  const contexts: Record<string, string>[] = []
  const client = new EngineClient({
    async request(request) {
      requests.push(request)
      const chunks: Uint8Array[] = []
      if (request.body && 'bytes' in request.body)
        for await (const chunk of request.body.bytes) chunks.push(chunk)
      if (chunks.length > 0) contexts.push(await untar(Buffer.concat(chunks)))
      const body = (async function* () {
        if (request.path === '/build') for (const line of lines) yield bytes(`${JSON.stringify(line)}\n`)
        else yield bytes(JSON.stringify({ Config: { Cmd: ['sh'] } }))
        request.signal?.throwIfAborted()
      })()
      return { status: 200, headers: {}, body }
    },
    upgrade: () => Promise.reject(new Error('not asked for')),
  })
  return { client, requests, contexts }
}

class MemoryDrafts {
  readonly kept = new Map<string, BuildFile>()
  read = async () => [...this.kept.values()]
  put = async (file: BuildFile) => void this.kept.set(file.path, file)
  clear = async () => this.kept.clear()
}

const chosen = (path: string, text: string) => ({ path, file: new File([text], path) })
const texts = (build: BuildState) =>
  Object.fromEntries(build.files.map((file) => [file.path, new TextDecoder().decode(file.bytes)]))

describe('a build in the page', () => {
  it('sends its files as the context, and says what the engine says', async () => {
    const { client, requests, contexts } = engine([
      { stream: 'Step 1/2 : FROM debian\n' },
      { status: 'Downloading', id: 'a', progressDetail: { current: 1, total: 2 } },
      { status: 'Pull complete', id: 'a', progressDetail: {} },
      { stream: ' ---> Running in 1\n' },
      { stream: '\u001b[31mred\u001b[0m' },
      { stream: ' text\n' },
      { aux: { ID: 'sha256:1' } },
    ])
    const build = new BuildState(client, new MemoryDrafts())
    await build.edit('FROM debian\n')
    await build.create('./src//main.py')
    await build.edit('print(1)\n')
    build.tag = 'ann/app:v1'
    await build.build()
    expect(contexts).toEqual([
      {
        'Dockerfile 755': 'FROM debian\n',
        'hello.txt 755': 'Hello from an image of my own!\n',
        'src/main.py 755': 'print(1)\n',
      },
    ])
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/build', query: { t: 'ann/app:v1' } })
    expect(build.lines.map(({ text }) => text)).toEqual([
      'Step 1/2 : FROM debian',
      'a: Pull complete',
      ' ---> Running in 1',
      'red text',
    ])
    expect([build.built, build.running]).toEqual([{ name: 'ann/app:v1', config: { Cmd: ['sh'] } }, false])
  })

  it('tells what failed, beside what was said before', async () => {
    const failure = {
      error: 'unknown instruction: FORM',
      errorDetail: { message: 'unknown instruction: FORM' },
    }
    const build = new BuildState(engine([{ stream: 'Step 1\n' }, failure]).client, new MemoryDrafts())
    await build.build()
    expect([build.error?.message, build.built]).toEqual(['unknown instruction: FORM', undefined])
    expect(build.lines.map(({ text }) => text)).toEqual(['Step 1'])
  })

  it('can be cancelled, and says so', async () => {
    const { client, requests } = engine([])
    const build = new BuildState(client, new MemoryDrafts())
    const building = build.build()
    expect(build.running).toBe(true)
    build.cancel()
    await building
    expect(requests[0]?.signal?.aborted).toBe(true)
    expect(build).toMatchObject({ cancelled: true, running: false, built: undefined, error: undefined })
  })

  it('takes files that are dropped, and shows their Dockerfile', async () => {
    const build = new BuildState(engine().client, new MemoryDrafts())
    await build.remove('hello.txt')
    await build.add(
      Promise.resolve([chosen('b/x', '1'), chosen('Dockerfile', 'FROM scratch'), chosen('a', '2')]),
    )
    expect(texts(build)).toEqual({ Dockerfile: 'FROM scratch', a: '2', 'b/x': '1' })
    expect(build.files.map(({ path }) => path)).toEqual(['Dockerfile', 'a', 'b/x'])
    expect(build.selected).toBe('Dockerfile')
  })

  it.each([
    ['../up', '"../up" is no name of a file in the build context: use e.g. src/app.py'],
    ['/', '"/" is no name of a file in the build context: use e.g. src/app.py'],
    ['a'.repeat(300), `"${'a'.repeat(40)}…" is too long for a file name`],
  ])('refuses a file named %s, and keeps the others', async (name, message) => {
    const build = new BuildState(engine().client, new MemoryDrafts())
    await build.create(name)
    expect(build.error?.message).toBe(message)
    expect(build.files).toHaveLength(2)
  })

  it('refuses more than the guest has room for, unread', async () => {
    const build = new BuildState(engine().client, new MemoryDrafts())
    const file = { size: 200 << 20, arrayBuffer: () => Promise.reject(new Error('read')) }
    await build.add([{ path: 'disk.img', file }])
    expect(build.error?.message).toBe('the files have 200 MiB, and a build context of the page may have 64')
  })
})

describe('the files of a build', () => {
  it('are there on the next visit, as they were left', async () => {
    const first = new BuildState(engine().client, new StoredDrafts())
    await first.restore()
    await first.edit('FROM debian\n')
    await first.remove('hello.txt')
    await first.create('run.sh')
    const second = new BuildState(engine().client, new StoredDrafts())
    await second.restore()
    expect(texts(second)).toEqual({ Dockerfile: 'FROM debian\n', 'run.sh': '' })
  })

  it('can be built when they cannot be kept, which is said', async () => {
    const full = () => Promise.reject(new Error('no room'))
    const drafts = { read: full, put: full, clear: full }
    const build = new BuildState(engine().client, drafts)
    await build.edit('FROM debian\n')
    expect(build.error?.message).toBe('these files are not kept for the next visit: no room')
    await build.build()
    expect(build.built?.name).toBe('my-image')
  })
})

/**
 * Calls that reach a container in the moment of its end, before the engine has heard of it: the kernel has taken away
 * what they need. The answer is the state table's, or that of a container that has ended, never a fault of the engine.
 */
import { expect, test } from 'vitest'
import type { Digest } from '../../../protocol/api/content.ts'
import { EngineError, HTTP_STATUS } from '../../../protocol/errors.ts'
import { commitContainer } from '../archive/commit-container.ts'
import { extractToContainer } from '../archive/container-archive.ts'
import { createExec } from '../exec/exec-instance.ts'
import { startExec } from '../exec/exec-process.ts'
import { containerTop } from '../inspect/container-top.ts'
import type { Container } from '../state/container.ts'
import { IMAGE, testEngine, type TestEngine } from '../../testing/test-engine.ts'
import { pauseContainer } from './pause-container.ts'
import { startContainer } from './start-container.ts'
import { updateContainer } from './update-container.ts'

const gone = () => new EngineError('not-found', 'no such file or directory', { errno: 2 })

/** A running container whose process has ended without the engine's knowledge; `hear` lets the engine learn it. */
async function ending() {
  const engine = testEngine()
  const container = await engine.create({ User: 'www' }, 'web')
  await startContainer(engine.context, container)
  const process = engine.machine.process(container.id)
  const hear = async () => {
    process.end({ exitCode: 3 })
    await container.wait('not-running')
    expect(container.record.state).toMatchObject({ status: 'exited', exitCode: 3 })
    expect(engine.reported).toEqual([])
  }
  return { engine, container, hear, end: () => void (process.state = 'ended') }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1024)
}

const EXTRACT = { path: '/', noOverwriteDirNonDir: false, copyUIDGID: false }
type Act = (engine: TestEngine, container: Container) => Promise<unknown>

test.each<[what: string, act: Act]>([
  ['pause', ({ context }, container) => pauseContainer(context, container)],
  ['exec create', ({ context }, container) => createExec(context, container, { Cmd: ['true'], User: 'www' })],
  [
    'exec start',
    async ({ context }, container) => {
      const settings = { Cmd: ['true'], AttachStdout: true }
      const id = await createExec(context, container, settings)
      return startExec(context, context.execs.find(id), { detach: true })
    },
  ],
  ['cp into it', ({ context }, container) => extractToContainer(context, container, EXTRACT, nothing())],
  ['top', ({ context }, container) => containerTop(context, container, '')],
])('%s answers that it is not running', async (what, act) => {
  const { engine, container, hear, end } = await ending()
  end()
  if (what !== 'top') engine.machine.failNext(gone())
  const refused = await act(engine, container).then(
    () => expect.fail('was done'),
    (error: unknown) => EngineError.from(error),
  )
  expect(`${HTTP_STATUS[refused.code]} ${refused.message}`).toBe(
    `409 container ${container.id} is not running`,
  )
  await hear()
})

test('update records limits that are those of its next start', async () => {
  const { engine, container, hear, end } = await ending()
  const write = engine.files.write.bind(engine.files)
  engine.files.write = (path, content) =>
    path.startsWith('/sys/fs/cgroup') ? Promise.reject(gone()) : write(path, content)
  end()
  await updateContainer(engine.context, () => container, { Memory: 32 << 20, MemorySwap: -1 })
  expect(container.record.hostConfig.Memory).toBe(32 << 20)
  await hear()
})

test('commit takes the files as they are, without a pause', async () => {
  const { engine, container, hear, end } = await ending()
  const diffId: Digest = `sha256:${'9'.repeat(64)}`
  engine.context.content = {
    ...engine.context.content,
    ingest: async () => ({ digest: diffId, diffId, size: 10, unpackedSize: 1 }),
    createImage: async (config) => ({ ...IMAGE, config }),
  }
  end()
  engine.machine.failNext(gone())
  const options = { repository: '', tag: '', author: '', comment: '', changes: [], config: undefined }
  const id = await commitContainer(engine.context, container, { ...options, pause: true }, () => undefined)
  expect(id).toBe(IMAGE.id)
  await hear()
})

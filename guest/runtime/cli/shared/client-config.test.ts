import { describe, expect, it } from 'vitest'
import { runDocker } from '../dispatch.ts'
import { CannedTransport, noSocket } from '../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../testing/cli/memory-session.ts'

async function docker(config: string, ...argv: string[]) {
  const files = memoryCliFiles({ '/root/.docker/config.json': config })
  const session = new MemorySession({ argv, terminal: true, columns: 80, rows: 24 })
  const transport = new CannedTransport(() => 0)
  await runDocker(session, { transport, files, dial: noSocket, now: () => 0 })
  return { requests: transport.requests, stderr: session.stderr.text }
}

const KEYS = '{"detachKeys": "ctrl-x,q"}'

describe('the detach keys of ~/.docker/config.json', () => {
  it.each([['attach'], ['start', '-ai'], ['run', '-it']])('count for %s', async (...command) => {
    const name = command[0] === 'run' ? 'busybox' : 'terminal'
    const { requests } = await docker(KEYS, ...command, name)
    const attach = requests.find(({ path }) => path.endsWith('/attach'))
    expect(attach?.query['detachKeys']).toBe('ctrl-x,q')
  })

  it('count for exec, in its creation', async () => {
    const { requests } = await docker(KEYS, 'exec', '-it', 'web', 'sh')
    expect(requests.find(({ path }) => path.endsWith('/exec'))?.body).toMatchObject({
      DetachKeys: 'ctrl-x,q',
    })
  })

  it('give way to the flag', async () => {
    const { requests } = await docker(KEYS, 'exec', '-it', '--detach-keys', 'a', 'web', 'sh')
    expect(requests.find(({ path }) => path.endsWith('/exec'))?.body).toMatchObject({ DetachKeys: 'a' })
  })
})

it.each([
  ['{', 'JSON'],
  ['[]', 'it is not a JSON object'],
  ['{"auths": {"a": 1}}', '"auths" is not an object of logins'],
  ['{"detachKeys": 1}', '"detachKeys" is not a string'],
])('warns of the configuration %s and goes on without it', async (config, problem) => {
  const { requests, stderr } = await docker(config, 'exec', '-it', 'web', 'sh')
  expect(stderr).toMatch(/^WARNING: Error loading config file: \/root\/.docker\/config.json: /)
  expect(stderr).toContain(problem)
  expect(requests.at(-1)?.path).toMatch(/^\/exec\//)
})

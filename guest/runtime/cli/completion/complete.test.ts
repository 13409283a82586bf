import { describe, expect, it } from 'vitest'
import { runDocker } from '../dispatch.ts'
import { CannedTransport, noSocket } from '../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../testing/cli/memory-session.ts'

const COMPOSE =
  'services: {web: {image: nginx}, worker: {image: python}, cache: {image: redis, profiles: [p]}}\n'

async function docker(...argv: string[]) {
  const session = new MemorySession({ argv, cwd: '/app' })
  const code = await runDocker(session, {
    transport: new CannedTransport(() => 1_700_000_000),
    files: memoryCliFiles({ '/app/compose.yaml': COMPOSE }),
    dial: noSocket,
    now: () => 1_700_000_000_000,
  })
  return { code, stdout: session.stdout.text, stderr: session.stderr.text }
}

/** The proposals without descriptions, and the directive. */
async function proposals(...words: string[]): Promise<string[]> {
  return (await docker('__completeNoDesc', ...words)).stdout.trimEnd().split('\n')
}

describe('docker __complete', () => {
  it('proposes commands with what they do, and says how to go on', async () => {
    const { code, stdout, stderr } = await docker('__complete', 'ren')
    expect(stdout).toBe('rename\tRename a container\n:4\n')
    expect(stderr).toBe('Completion ended with directive: ShellCompDirectiveNoFileComp\n')
    expect(code).toBe(0)
  })

  it('knows the commands of a group', async () => {
    expect(await proposals('network', 'c')).toEqual(['connect', 'create', ':4'])
  })

  it('leaves out the description when asked to', async () => {
    expect((await docker('__completeNoDesc', 'ren')).stdout).toBe('rename\n:4\n')
  })

  it('proposes the names that a command can take', async () => {
    expect(await proposals('inspect', 'w')).toEqual(['web', ':4'])
    expect(await proposals('run', 'ng')).toEqual(['nginx:latest', ':4'])
    expect(await proposals('volume', 'rm', '')).toEqual(['data10', 'data2', ':4'])
    expect(await proposals('network', 'rm', 'br')).toEqual(['bridge', ':4'])
  })

  it('does not propose what has been given', async () => {
    expect(await proposals('volume', 'rm', 'data2', '')).toEqual(['data10', ':4'])
  })

  it('proposes flags, but not one that is set already', async () => {
    expect(await proposals('logs', '--t')).toEqual(['--tail', '--timestamps', ':4'])
    expect(await proposals('logs', '--timestamps', '--t')).toEqual(['--tail', ':4'])
  })

  it('proposes the value of a flag, in a word of its own or behind the equals sign', async () => {
    expect(await proposals('run', '--restart', 'o')).toEqual(['on-failure', ':4'])
    expect(await proposals('run', '--restart=o')).toEqual(['on-failure', ':4'])
    expect(await proposals('run', '--network', 'ho')).toEqual(['host', ':4'])
  })

  it('leaves files to the shell', async () => {
    expect(await proposals('run', '--env-file', '')).toEqual([':0'])
    expect(await proposals('run', 'nginx', '')).toEqual([':0'])
  })

  it('has nothing for what a container runs', async () => {
    expect(await proposals('exec', 'web', '')).toEqual([':4'])
  })

  it('knows the services of the project here', async () => {
    expect(await proposals('compose', 'up', 'w')).toEqual(['web', 'worker', ':4'])
    expect(await proposals('compose', '-f', 'x', 'st')).toEqual(['start', 'stats', 'stop', ':4'])
    expect(await proposals('compose', 'logs', 'web', '')).toEqual(['cache', 'worker', ':4'])
  })
})

describe('docker completion', () => {
  it.each(['bash', 'zsh', 'fish'])('has a script for %s', async (shell) => {
    const { code, stdout } = await docker('completion', shell)
    expect(code).toBe(0)
    expect(stdout).toContain(shell)
    expect(stdout).toContain('docker __complete')
  })

  it('refuses a shell that it has no script for', async () => {
    const { code, stderr } = await docker('completion', 'ksh')
    expect(code).toBe(1)
    expect(stderr).toContain('requires one of bash, zsh, fish')
  })
})

/** Docker's SDK for Python (Debian's python3-docker), unmodified, against the engine in a guest: each case is a test. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { debianPrograms } from '../../scripts/lib/debian/debian-programs.ts'
import { engineOnSocket, type EngineOnSocket } from '../support/engine-on-socket.ts'

const CASES = join(import.meta.dirname, 'python')

interface Answer {
  name: string
  run: number
  failures: string[]
}

/** `module.Class.test_name` of every case, as unittest names them. */
function casesOf(file: string): string[] {
  const module = file.replace(/\.py$/, '')
  let inClass = ''
  const names: string[] = []
  for (const line of readFileSync(join(CASES, file), 'utf8').split('\n')) {
    inClass = /^class (\w+)\(Case\)/.exec(line)?.[1] ?? inClass
    const name = /^ {4}def (test_\w+)\(self\)/.exec(line)?.[1]
    if (name !== undefined) names.push(`${module}.${inClass}.${name}`)
  }
  return names
}

let engine: EngineOnSocket
let python: ChildProcessWithoutNullStreams
let answers: AsyncIterator<string>
let reader: Interface
let complaints = ''

beforeAll(async () => {
  const root = await debianPrograms(['python3-docker', 'python3'], {
    python3: 'PYTHONHOME=$root/usr PYTHONPATH=$root/usr/lib/python3/dist-packages usr/bin/python3',
  })
  engine = await engineOnSocket()
  const env = {
    PATH: process.env.PATH,
    HOME: CASES,
    DOCKER_HOST: `unix://${engine.socketPath}`,
    PYTHONDONTWRITEBYTECODE: '1',
  }
  python = spawn(join(root, 'bin/python3'), [join(CASES, 'run_cases.py')], { cwd: CASES, env })
  python.stderr.on('data', (text: Buffer) => (complaints += text.toString()))
  reader = createInterface(python.stdout)
  answers = reader[Symbol.asyncIterator]()
})

afterAll(async () => {
  const ended = new Promise((resolve) => python.once('close', resolve))
  python.stdin.end()
  await ended
  await engine.close()
})

async function run(name: string): Promise<Answer> {
  python.stdin.write(`${name}\n`)
  const { value, done } = await answers.next()
  if (done) throw new Error(`Python ended:\n${complaints}`)
  return JSON.parse(value) as Answer
}

const files = readdirSync(CASES).filter(
  (name) => name.endsWith('.py') && !['bench.py', 'run_cases.py'].includes(name),
)

describe.each(files)('%s', (file) => {
  test.each(casesOf(file))('%s', async (name) => {
    const { run: count, failures } = await run(name)
    expect(failures.join('\n')).toBe('')
    expect(count).toBe(1)
  })
})

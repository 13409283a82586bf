import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runDocker } from './dispatch.ts'
import { DIRECTORY, FILES } from '../testing/cli/canned-files.ts'
import { requestLine } from '../testing/cli/canned-engine.ts'
import { CannedTransport, noSocket } from '../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../testing/cli/memory-session.ts'
import { parseTranscript, type TranscriptEntry } from '../testing/cli/transcript.ts'

const FOLDER = join(import.meta.dirname, '../../../test/fixtures/cli')

/** True for a request that Docker's client makes and ours does not need. */
function needless(entry: TranscriptEntry, line: string): boolean {
  // Nobody reads the exit code of a container that runs in the background.
  if (/ run .*-d\b/.test(entry.command) && /\/wait\?/.test(line)) return true
  // Swarm objects and plugins don't exist here.
  if (/ inspect /.test(entry.command) && /^GET \/(info|plugins\/.*)$/.test(line)) return true
  // Only a swarm has ingress networks to ask about before they go.
  return / network rm /.test(entry.command) && /^GET \/networks\//.test(line)
}

/** Whether the requests may come in any order, because the client asks for several objects at once. */
const inAnyOrder = (entry: TranscriptEntry): boolean =>
  / (rm|stop|kill|pause|unpause|restart) /.test(entry.command)

/** Parts of Docker's help for things that do not exist here: swarm, plugins, contexts, trust. */
const ABSENT = /^ {2}(context|plugin|trust) +Manage .*\n|^Swarm Commands:\n( {2}.*\n)+\n/gm

/** The exit status of each container of the canned engine. */
const EXITED = 7

/**
 * Changes the recorded entry of Docker's client 26.1 to the one of 28.5.2: container/run.go waits for a container of
 * which it has the input alone, and image/save.go and container/export.go leave the check of their file to moby/sys'
 * atomicwriter.
 */
function asLater(entry: TranscriptEntry): TranscriptEntry {
  if (/ -a stdin /.test(entry.command) && entry.exitCode === 0)
    return { ...entry, stdout: '', exitCode: EXITED }
  const stderr = entry.stderr.replace(
    /^(failed to .*: invalid output path:) directory "(.*)" does not exist$/m,
    '$1 stat $2: no such file or directory',
  )
  return { ...entry, stderr }
}

/** The recorded entry, changed where Porthole differs on purpose. */
function expected(recorded: TranscriptEntry) {
  const entry = asLater(recorded)
  const requests = entry.requests
    .filter((line) => !needless(entry, line))
    // The API ignores this field of exec's configuration.
    .map((line) => line.replace(',"Detach":true}', '}'))
  return {
    // The recorded release prints a map in random order; later ones sort it.
    stdout: entry.stdout.replaceAll(
      'tier=front,com.example.some-key=value',
      'com.example.some-key=value,tier=front',
    ),
    // The transcript was recorded with another configuration folder.
    stderr: entry.stderr.replace(ABSENT, '').replaceAll('"/nonexistent', '"/root/.docker'),
    exitCode: entry.exitCode,
    requests: inAnyOrder(entry) ? requests.sort() : requests,
  }
}

async function replay(entry: TranscriptEntry) {
  const now = entry.time
  const transport = new CannedTransport(() => now)
  const files = Object.fromEntries(
    Object.entries(FILES).map(([name, text]) => [`${DIRECTORY}/${name}`, text]),
  )
  const session = new MemorySession({
    argv: entry.argv,
    cwd: DIRECTORY,
    env: { HOME: '/root', CALLER: 'of the caller' },
    typed: entry.typed === '' ? [] : [entry.typed],
  })
  const exitCode = await runDocker(session, {
    transport,
    files: memoryCliFiles(files),
    dial: noSocket,
    now: () => now * 1000,
  })
  const requests = transport.requests.map(requestLine)
  if (inAnyOrder(entry)) requests.sort()
  return { stdout: session.stdout.text, stderr: session.stderr.text, exitCode, requests }
}

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith('.txt')))(
  "%s is as Docker's own client has it",
  (name) => {
    const entries = parseTranscript(readFileSync(join(FOLDER, name), 'utf8')).filter(
      (item) => typeof item !== 'string',
    )
    it.each(entries.map((entry) => [entry.command, entry] as const))('%s', async (_command, entry) => {
      expect(await replay(entry)).toEqual(expected(entry))
    })
  },
)

it('sends the rates of devices, which the recorded release loses', async () => {
  const [entry] = parseTranscript(
    '$ docker create --device-read-bps /dev/sda:1mb --device-write-iops /dev/sda:20 busybox',
  )
  const { requests } = await replay(entry as TranscriptEntry)
  expect(requests[0]).toContain('"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1048576}]')
  expect(requests[0]).toContain('"BlkioDeviceWriteIOps":[{"Path":"/dev/sda","Rate":20}]')
})

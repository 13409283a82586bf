/**
 * Sessions of the docker command line (test/fixtures/transcripts/*.md) with Debian's unmodified client through the
 * engine's socket, and with the guest's own `docker`: both say what is written there. `RECORD_TRANSCRIPTS=1` writes what
 * Debian's client says now; read it before you commit it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EngineRequest } from '../../guest/protocol/api/engine-transport.ts'
import { formatFilters } from '../../guest/vocabulary/filters.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { call } from '../support/engine-answers.ts'
import { guestShell, hostShell, type DockerShell } from '../support/transcripts/docker-shells.ts'
import { Normaliser } from '../support/transcripts/normalise-output.ts'
import { replay, sayLines, transcriptCommands } from '../support/transcripts/transcript-file.ts'

const FOLDER = join(import.meta.dirname, '../fixtures/transcripts')
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.md'))
const RECORD = process.env.RECORD_TRANSCRIPTS === '1'

const SWEEP = `
  docker rm -fv $(docker ps -aq)
  docker volume rm $(docker volume ls -q)
  docker network rm $(docker network ls -q --filter type=custom)
  docker rmi -f $(docker images -aq)`

let machine: HeadlessMachine

beforeAll(async () => {
  machine = await HeadlessMachine.start()
}, 900_000)

afterAll(() => machine.close())

/** What a session may leave behind. The Engine API is asked, and not the guest's `docker`, which takes ten times as long. */
async function traces(): Promise<string[]> {
  const list = <Item = { Id: string }[]>(path: string, query?: EngineRequest['query']) =>
    call<Item>(machine.transport, { method: 'GET', path, query })
  const containers = await list('/containers/json', { all: true })
  const images = await list('/images/json', { all: true })
  const networks = await list('/networks', { filters: formatFilters({ type: ['custom'] }) })
  const { Volumes } = await list<{ Volumes: { Name: string }[] }>('/volumes')
  return [...[...containers, ...images, ...networks].map(({ Id }) => Id), ...Volumes.map(({ Name }) => Name)]
}

const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')

async function say(shell: DockerShell, text: string): Promise<string> {
  const normaliser = new Normaliser(shell.folder)
  return replay(text, async (command) => sayLines(normaliser.normalise(command, await shell.run(command))))
}

function describeTranscripts(name: string, open: () => Promise<DockerShell>, record: boolean): void {
  describe(name, () => {
    let shell: DockerShell

    beforeAll(async () => {
      shell = await open()
    }, 300_000)

    afterAll(() => shell.close())

    // A session that went wrong must not make the next one wrong.
    beforeEach(async () => {
      if ((await traces()).length > 0) await machine.exec(SWEEP)
      await shell.clear()
    })

    test.each(FILES)('%s', { timeout: 600_000 }, async (file) => {
      const said = await say(shell, textOf(file))
      if (record) writeFileSync(join(FOLDER, file), said)
      expect(said).toBe(textOf(file))
      expect(await traces(), 'left behind').toEqual([])
    })
  })
}

test('they hold more than 200 commands of docker', () => {
  const commands = FILES.flatMap((file) => transcriptCommands(textOf(file)))
  expect(commands.filter((command) => /\bdocker\b/.test(command)).length).toBeGreaterThan(200)
})

describeTranscripts('Debian’s docker client on the host', () => hostShell(machine), RECORD)
describeTranscripts('the guest’s own docker', () => Promise.resolve(guestShell(machine)), false)

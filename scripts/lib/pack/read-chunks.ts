/**
 * Chooses the chunks of the system trees for a file on a stick: all but those parts of a few large files that a long
 * session never reads. A program that reads one of those dies of SIGBUS, and so the session is a long one.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CHUNK_SIZE, parseTreeIndex, type TreeIndex } from '../../../web/src/trees/tree-index.ts'
import { GuestShell } from '../lessons/guest-shell.ts'
import { HeadlessMachine } from '../machine/headless-machine.ts'
import { restartEngine } from '../machine/restart-engine.ts'
import { warmEngine } from '../machine/warm-engine.ts'
import { siteFolder } from '../site-folder.ts'

/** Together they are half of the system (89 of 167 MB), and a session reads less than half of them. */
const LARGE = /\/(libicudata|libicui18n|libnode)\.so\.[0-9.]+$/

/** What people do in a guest beside the first commands: a build, networks and volumes, compose, and a new engine. */
const SESSION = [
  `printf 'FROM busybox\\nRUN echo a > /f\\nCOPY . /c\\n' > /tmp/Dockerfile && docker build -q -t b -f /tmp/Dockerfile /etc/init.d; true`,
  'docker network create n && docker volume create v && docker run --rm --network n -v v:/v --memory 16m busybox true; true',
  'docker run -d --name s -p 65002:80 busybox httpd -f; docker stats --no-stream; docker top s; docker cp /etc/passwd s:/; docker diff s; docker commit s c; docker save c | docker load; docker events --since 1m --until 0s; docker stop -t 0 s; docker system df; docker system prune -af; true',
  "mkdir -p /tmp/c && cd /tmp/c && printf 'services: {a: {image: busybox, command: sleep 99}}\\n' > compose.yaml && docker compose up -d && docker compose ps && docker compose logs && docker compose down -t 0; true",
]

/** Makes Node compile, collect, hash and compress as an engine does that has run for hours. */
const LABOUR = `
const { createHash, randomBytes, randomUUID } = require('crypto'), zlib = require('zlib'), http = require('http')
let kept = []
for (let round = 0; round < 12; round++) {
  const list = Array.from({ length: 2000 }, (_, at) => ({ at, name: 'n' + (at * 7919) % 4001, at2: at / 3 }))
  list.sort((a, b) => a.at2 - b.at2)
  kept.push(new Map(list.map((each) => [each.name, JSON.stringify(each)])))
  if (kept.length > 12) kept = []
  createHash('sha256').update(JSON.stringify(list)).digest('hex').replace(/[a-f]+(?=[0-9])/g, (found) => found.toUpperCase())
}
zlib.gunzipSync(zlib.gzipSync(randomBytes(1 << 18))); randomUUID()
structuredClone({ a: [1n, new Date()] })
const server = http.createServer((_, response) => response.end('x')).listen(0, () =>
  http.get({ port: server.address().port }, (answer) => answer.resume().on('end', () => process.exit())))
`

/** Paths in the site of the chunks that belong into the file. */
export async function readChunks(site: string): Promise<string[]> {
  const machine = await HeadlessMachine.start({ files: siteFolder(site) })
  try {
    await work(machine)
    const chosen = Array.from(machine.guest.trees, async ([name, tree]) => {
      const file = `guest/system/${name}/index.json.gz`
      const text = gunzipSync(await readFile(join(site, file))).toString()
      const names = chooseChunks(parseTreeIndex(text, file), new Set(tree.touched()))
      return names.map((chunk) => `guest/system/${name}/${chunk}`)
    })
    return (await Promise.all(chosen)).flat()
  } finally {
    await machine.close()
  }
}

async function work(machine: HeadlessMachine): Promise<void> {
  await warmEngine(machine)
  const shell = await GuestShell.open(machine.transport, 'pack')
  await shell.enter('docker ps --all', 60)
  shell.close()
  for (const command of SESSION) await machine.output(command)
  await machine.output(`node -e "$(cat <<'EOF'\n${LABOUR}EOF\n)"`)
  // One that dies is started again, and reads its program from the beginning.
  await restartEngine(machine)
  await warmEngine(machine)
}

/** Names of the chunks that were touched, or that hold anything beside the large files. */
export function chooseChunks({ chunks, entries }: TreeIndex, touched: ReadonlySet<string>): string[] {
  const wanted = new Set<number>()
  for (const { path, offset, size } of entries) {
    if (offset === undefined || !size || LARGE.test(path)) continue
    for (let at = Math.floor(offset / CHUNK_SIZE); at * CHUNK_SIZE < offset + size; at++) wanted.add(at)
  }
  return chunks.filter(({ name }, at) => wanted.has(at) || touched.has(name)).map(({ name }) => name)
}

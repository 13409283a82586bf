import { execFileSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fillScript } from './fill-script.ts'
import type { TakenVolume } from './take-plan.ts'

let folder: string

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fill '))))
afterEach(() => rmSync(folder, { recursive: true }))

const image = { id: 'sha256:1', reference: 'nginx:latest', isNew: false, platform: 'linux/386', size: 1 }
const volume = (key: string, name: string): TakenVolume => ({
  ...{ key, name, image, archive: `volumes/${key}.tar`, size: 1, writers: [] },
})

/** Runs the script with a `docker` that writes down each of its words and knows the volumes of `present`. */
function run(volumes: readonly TakenVolume[], present: readonly string[] = []): string[][] {
  mkdirSync(join(folder, 'volumes'))
  mkdirSync(join(folder, 'bin'))
  for (const { archive } of volumes) writeFileSync(join(folder, archive), `content of ${archive}`)
  const docker = `#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done >> "$LOG"
if [ "$1" = cp ]; then cat >> "$LOG"; printf '\\0' >> "$LOG"; fi
printf '\\n' >> "$LOG"
case "$1 $2" in "volume inspect") case " $PRESENT " in *" $3 "*) ;; *) exit 1 ;; esac ;; create*) echo c0ffee ;; esac
`
  writeFileSync(join(folder, 'bin/docker'), docker, { mode: 0o755 })
  writeFileSync(join(folder, 'fill-volumes.sh'), fillScript('shop', volumes, 'what it does'))
  const PATH = `${join(folder, 'bin')}:${process.env.PATH}`
  const env = { PATH, LOG: join(folder, 'log'), PRESENT: present.join(' ') }
  execFileSync('sh', [join(folder, 'fill-volumes.sh')], { env, cwd: '/', stdio: 'pipe' })
  const calls = readFileSync(join(folder, 'log'), 'utf8').split('\0\n')
  return calls.slice(0, -1).map((call) => call.split('\0'))
}

test('a volume is made as Compose makes it, and filled through a container that never runs', () => {
  expect(run([volume('data', 'shop_data')])).toEqual([
    ['volume', 'inspect', 'shop_data'],
    [
      ...['volume', 'create', '--label', 'com.docker.compose.project=shop'],
      ...['--label', 'com.docker.compose.volume=data', 'shop_data'],
    ],
    [
      ...['create', '--pull', 'never', '--network', 'none', '--platform', 'linux/386'],
      ...['--volume', 'shop_data:/porthole-volume', 'nginx:latest', 'true'],
    ],
    ['cp', '-', 'c0ffee:/porthole-volume', 'content of volumes/data.tar'],
    ['rm', 'c0ffee'],
  ])
})

test('a volume that is there already is told of and left alone', () => {
  expect(() => run([volume('a', 'a'), volume('b', 'b')], ['b'])).toThrow(
    'b: there is a volume of this name already; remove it by «docker volume rm b»',
  )
  const calls = readFileSync(join(folder, 'log'), 'utf8')
  expect(calls).toContain('a:/porthole-volume')
  expect(calls).not.toContain('b:/porthole-volume')
})

test('a name is one word of the shell, whatever signs it has', () => {
  const name = `it's $(touch oops) "\\ \`x\``
  expect(run([volume('odd', name)])[0]).toEqual(['volume', 'inspect', name])
})

/** A machine that lacks something gets one sentence with the way out. */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AptRoot } from './debian/apt-root.ts'
import { ensureTools } from './debian/host-tools.ts'
import { projectRoot } from './paths.ts'

let machine: string

beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'porthole-machine-'))
  vi.stubEnv('PATH', machine)
  vi.stubEnv('XDG_CACHE_HOME', join(machine, 'cache'))
  vi.spyOn(process, 'getuid').mockReturnValue(0)
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(machine, { recursive: true })
})

/** Writes a program: a shell script that may use only what the shell has built in. */
function program(name: string, script: string): void {
  writeFileSync(join(machine, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(machine, name), 0o755)
}

const GCC = 'apt-get install -y --no-install-recommends gcc'

describe('a machine without', () => {
  test('apt', async () => {
    await expect(AptRoot.open()).rejects.toThrow(
      /^apt-get and dpkg-deb are missing: build on Debian or Ubuntu$/,
    )
    await expect(ensureTools('gcc')).rejects.toThrow(
      /^gcc is missing and apt-get is not here to install it: use Debian or Ubuntu$/,
    )
  })

  test('a compiler gets one', async () => {
    program('apt-get', `case "$*" in *gcc*) : > ${machine}/gcc; exec /bin/chmod 755 ${machine}/gcc ;; esac`)
    await ensureTools('gcc')
  })

  test('a compiler, where only root can install one', async () => {
    program('apt-get', 'exit 100')
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    await expect(ensureTools('gcc')).rejects.toThrow(`gcc is missing: run \`sudo ${GCC}\` and start again`)
  })

  test('a compiler, where apt fails', async () => {
    program('apt-get', 'echo "E: Unable to locate package gcc" >&2; exit 100')
    await expect(ensureTools('gcc')).rejects.toThrow(
      `gcc is missing and \`${GCC}\` failed: E: Unable to locate package gcc`,
    )
  })

  test('a browser, where apt has none but a snap', async () => {
    program('apt-get', 'echo "E: Unable to locate package firefox-esr" >&2; exit 100')
    await expect(ensureTools('firefox-esr')).rejects.toThrow(
      /Unable to locate package firefox-esr\. Ubuntu has Firefox as a snap alone: set FIREFOX to/,
    )
  })

  test('a network, before Debian’s lists were fetched', async () => {
    program('dpkg-deb', '')
    program('apt-get', 'case "$*" in *update*) echo "E: Could not resolve the host" >&2; exit 100 ;; esac')
    await expect(AptRoot.open()).rejects.toThrow(
      /^Debian's lists of trixie could not be had from http.*: Could not resolve the host\. Check the network and the host's apt sources \(apt-get update\)\.$/,
    )
  })
})

describe('a fresh clone without', () => {
  function bootstrap(): string {
    mkdirSync(join(machine, 'scripts'))
    copyFileSync(join(projectRoot, 'scripts/bootstrap.mjs'), join(machine, 'scripts/bootstrap.mjs'))
    const run = spawnSync(process.execPath, ['scripts/bootstrap.mjs'], { cwd: machine, encoding: 'utf8' })
    expect(run.status).toBe(1)
    return run.stderr
  }

  test('npm', () => {
    expect(bootstrap()).toContain(
      'porthole: npm is missing: install it together with Node (apt-get install npm)\n',
    )
  })

  test('a network, before npm’s packages were fetched', () => {
    program('npm', 'exit 1')
    expect(bootstrap()).toContain(
      'porthole: npm ci failed (see above): check the network and the npm registry, then start again\n',
    )
  })
})

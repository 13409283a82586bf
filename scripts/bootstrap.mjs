/**
 * The first thing every npm script runs, in plain Node: on a fresh clone nothing is installed yet, tsx included.
 *
 *   node scripts/bootstrap.mjs                      installs the dependencies of package-lock.json if need be
 *   node scripts/bootstrap.mjs scripts/x.ts [args]  the same, then runs that script in this process
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

function stop(message) {
  process.stderr.write(`porthole: ${message}\n`)
  process.exit(1)
}

function checkNode() {
  const wanted = [20, 19]
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return
  stop(
    `Node ${wanted.join('.')} or later is needed, this is ${process.versions.node}: install it from nodejs.org or apt`,
  )
}

/** True when node_modules holds every package of the lock file in its version, except those of other platforms. */
function isInstalled() {
  const installedFile = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedFile)) return false
  const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {}
  const installed = packages(installedFile)
  return Object.entries(packages(join(root, 'package-lock.json'))).every(
    ([path, { version, optional, link }]) =>
      path === '' || optional || link || installed[path]?.version === version,
  )
}

function install() {
  process.stderr.write('· installing npm packages\n')
  // npm's output goes to stderr, because a script's stdout is its result.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (npm.error) stop('npm is missing: install it together with Node (apt-get install npm)')
  if (npm.status !== 0)
    stop('npm ci failed (see above): check the network and the npm registry, then start again')
}

checkNode()
if (!isInstalled()) install()

const [script, ...args] = process.argv.slice(2)
if (script !== undefined) {
  const path = resolve(script)
  process.argv = [process.argv[0], path, ...args]
  const { register } = await import('tsx/esm/api')
  register()
  await import(pathToFileURL(path).href)
}

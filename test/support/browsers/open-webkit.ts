import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'
import { ensureTools } from '../../../scripts/lib/debian/host-tools.ts'
import { type OpenBrowser, VIEWPORT } from './opened-browser.ts'
import { startProgram } from './program.ts'
import { WebDriverWire } from './webdriver-wire.ts'
import { WirePage } from './wire-page.ts'

/** Milliseconds. */
const START_MS = 60_000

/**
 * WebKitGTK's MiniBrowser in an X server without a screen. It has WebKit's engine as Safari has, and stands for Safari,
 * which runs on no Linux.
 */
export const openWebKit: OpenBrowser = async (undo) => {
  await ensureTools('WebKitWebDriver', 'Xvfb')
  const screen = `${VIEWPORT.width}x${VIEWPORT.height}x24`
  const display = startProgram('Xvfb', ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp'])
  undo(() => display.end())
  const [, number] = await display.says(/^(\d+)\n/m)
  const port = await freePort()
  // The page's languages are those of LANG, whether the host has them installed or not.
  const env = { DISPLAY: `:${number}`, LANG: 'en_US.UTF-8', LC_ALL: '' }
  const driver = startProgram('WebKitWebDriver', [`--port=${port}`], env)
  undo(() => driver.end())
  const address = `http://127.0.0.1:${port}`
  // It says nothing when it listens.
  await driver.during(vi.waitFor(() => fetch(`${address}/status`), { timeout: START_MS }))
  const wire = await WebDriverWire.open(address, {})
  undo(() => wire.close())
  await wire.resize(VIEWPORT.width, VIEWPORT.height)
  return { page: new WirePage(wire) }
}

/** The driver takes any port but does not say which. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

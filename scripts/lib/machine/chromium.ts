/** Starts Debian's Chromium without a window, for the tests in it, the bench and the pictures of the page. */
import { chromium, type Browser } from 'playwright-core'
import { ensureTools, findTool } from '../debian/host-tools.ts'

/** Chromium makes no requests of its own; it runs without a sandbox, which root, as in CI, cannot have. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
]

/** Starts the browser that CHROMIUM names, or Debian's, which is installed when it is missing. */
export async function launchChromium(): Promise<Browser> {
  let executablePath = process.env['CHROMIUM']
  if (executablePath === undefined) {
    await ensureTools('chromium')
    executablePath = findTool('chromium')!
  }
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

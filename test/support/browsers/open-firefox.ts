import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureTools } from '../../../scripts/lib/debian/host-tools.ts'
import { BidiWire } from './bidi-wire.ts'
import { type OpenBrowser, VIEWPORT } from './opened-browser.ts'
import { startProgram } from './program.ts'
import { WirePage } from './wire-page.ts'

/** The Firefox that FIREFOX names, or Debian's, without a window. Playwright drives none but its own build of it. */
export const openFirefox: OpenBrowser = async (undo) => {
  const program = process.env['FIREFOX'] ?? 'firefox-esr'
  if (program === 'firefox-esr') await ensureTools(program)
  const profile = await mkdtemp(join(tmpdir(), 'porthole-firefox-'))
  undo(() => rm(profile, { recursive: true }))
  const firefox = startProgram(program, [
    '--headless',
    '--no-remote',
    '--remote-debugging-port=0',
    '--profile',
    profile,
  ])
  undo(() => firefox.end())
  const [, address] = await firefox.says(/WebDriver BiDi listening on (ws:\S+)/)
  const wire = await BidiWire.connect(address!, VIEWPORT)
  return { page: new WirePage(wire), errors: wire.errors }
}

import { launchChromium } from '../../../scripts/lib/machine/chromium.ts'
import { type OpenBrowser, VIEWPORT } from './opened-browser.ts'

/** Chromium, by Playwright. */
export const openChromium: OpenBrowser = async (undo) => {
  const browser = await launchChromium()
  undo(() => browser.close())
  const page = await browser.newPage({ viewport: VIEWPORT })
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  return { page, errors }
}

import type { DrivenPage } from '../../../scripts/lib/machine/driven-page.ts'
import type { InputSource, PageWire } from './page-wire.ts'

/** WebDriver's code points of keys that write no character: https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS: Record<string, string> = { Enter: '\uE007', Tab: '\uE004', Escape: '\uE00C' }

/** Milliseconds that an element may take to be there for a click. */
const CLICK_MS = 30_000

/** A page of a browser that Playwright cannot drive. */
export class WirePage implements DrivenPage {
  readonly keyboard = {
    type: (text: string) => this.strike([...text]),
    press: (key: string) => this.strike([KEYS[key] ?? key]),
  }
  private readonly wire: PageWire

  constructor(wire: PageWire) {
    this.wire = wire
  }

  goto(url: string): Promise<void> {
    return this.wire.navigate(url)
  }

  reload(): Promise<void> {
    return this.wire.reload()
  }

  async click(selector: string): Promise<void> {
    await this.waitForFunction(middleOf, [selector], { timeout: CLICK_MS })
    const [x, y] = (await this.evaluate(middleOf, [selector]))!
    const actions: Extract<InputSource, { type: 'pointer' }>['actions'] = [
      { type: 'pointerMove', x: x!, y: y! },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ]
    await this.wire.perform([{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }])
  }

  async evaluate<R>(pageFunction: (args: string[]) => R | Promise<R>, args: string[]): Promise<R> {
    const answer = await this.wire.call(inJson(String(pageFunction)), JSON.stringify(args))
    return (JSON.parse(answer) as [R])[0]
  }

  async waitForFunction(
    pageFunction: (args: string[]) => unknown,
    args: string[],
    { timeout }: { timeout: number },
  ): Promise<void> {
    const source = `async (args) => {
      const deadline = performance.now() + ${timeout}
      while (!(await (${String(pageFunction)})(args))) {
        if (performance.now() > deadline) return false
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return true
    }`
    const answer = await this.wire.call(inJson(source), JSON.stringify(args))
    if (answer !== '[true]') throw new Error(`not true after ${timeout} ms: ${String(pageFunction)}`)
  }

  private strike(values: string[]): Promise<void> {
    const actions = values.flatMap((value) => [
      { type: 'keyDown' as const, value },
      { type: 'keyUp' as const, value },
    ])
    return this.wire.perform([{ type: 'key', id: 'keyboard', actions }])
  }
}

/** The result stands in an array, since JSON has no undefined but there. */
function inJson(source: string): string {
  return `async (json) => JSON.stringify([await (${source})(JSON.parse(json))])`
}

/** Of an element in the viewport that a click would hit; undefined for others. Runs in the page. */
function middleOf([selector]: string[]): [x: number, y: number] | undefined {
  const element = selector!.startsWith('//')
    ? document.evaluate(selector!, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue
    : document.querySelector(selector!)
  if (!(element instanceof Element)) return undefined
  element.scrollIntoView({ block: 'nearest' })
  const { left, top, width, height } = element.getBoundingClientRect()
  const [x, y] = [Math.round(left + width / 2), Math.round(top + height / 2)]
  return element.contains(document.elementFromPoint(x, y)) ? [x, y] : undefined
}

import type { InputSource, PageWire } from './page-wire.ts'

/** Milliseconds that a script in the page may take: as long as anything that a test waits for there. */
const SCRIPT_MS = 300_000

/** A session of a driver that speaks classic WebDriver: https://www.w3.org/TR/webdriver2/ */
export class WebDriverWire implements PageWire {
  private readonly session: string

  private constructor(session: string) {
    this.session = session
  }

  /** `address` as in `http://127.0.0.1:4444`; `capabilities` say which browser the driver starts. */
  static async open(address: string, capabilities: object): Promise<WebDriverWire> {
    const alwaysMatch = { ...capabilities, timeouts: { script: SCRIPT_MS } }
    const answer = await ask('POST', `${address}/session`, { capabilities: { alwaysMatch } })
    return new WebDriverWire(`${address}/session/${(answer as { sessionId: string }).sessionId}`)
  }

  async navigate(url: string): Promise<void> {
    await this.post('url', { url })
  }

  async reload(): Promise<void> {
    await this.post('refresh', {})
  }

  async call(source: string, argument: string): Promise<string> {
    const script = `return (${source})(arguments[0])`
    return (await this.post('execute/sync', { script, args: [argument] })) as string
  }

  async perform(sources: InputSource[]): Promise<void> {
    await this.post('actions', { actions: sources })
  }

  async resize(width: number, height: number): Promise<void> {
    await this.post('window/rect', { width, height })
  }

  /** Ends the browser. */
  async close(): Promise<void> {
    await ask('DELETE', this.session)
  }

  private post(command: string, body: object): Promise<unknown> {
    return ask('POST', `${this.session}/${command}`, body)
  }
}

async function ask(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) })
  const { value } = (await response.json()) as { value: unknown }
  if (response.ok) return value
  const { error, message } = value as { error: string; message: string }
  throw new Error(`${error}: ${message}`)
}

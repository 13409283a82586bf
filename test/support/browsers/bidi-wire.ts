import WebSocket from 'ws'
import type { InputSource, PageWire } from './page-wire.ts'

type Answer =
  | { type: 'success'; id: number; result: unknown }
  | { type: 'error'; id: number | null; error: string; message: string }
  | { type: 'event'; method: string; params: unknown }

type CallResult =
  { type: 'success'; result: { value: string } } | { type: 'exception'; exceptionDetails: { text: string } }

interface Waiter {
  resolve(result: unknown): void
  reject(reason: Error): void
}

/** The one page of a browser that speaks WebDriver BiDi: https://www.w3.org/TR/webdriver-bidi/ */
export class BidiWire implements PageWire {
  /** What the page's console was told as errors, and what nobody caught. */
  readonly errors: string[] = []
  private readonly socket: WebSocket
  private readonly waiters = new Map<number, Waiter>()
  private lastId = 0
  private context = ''

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => this.take(JSON.parse(data.toString()) as Answer))
    socket.on('close', () => this.settle(new Error('the browser hung up')))
  }

  /** `address` as the browser prints it, e.g. `ws://127.0.0.1:9222`. */
  static async connect(address: string, viewport: { width: number; height: number }): Promise<BidiWire> {
    const socket = new WebSocket(`${address}/session`)
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    const wire = new BidiWire(socket)
    await wire.send('session.new', { capabilities: {} })
    await wire.send('session.subscribe', { events: ['log.entryAdded'] })
    const tree = (await wire.send('browsingContext.getTree', {})) as { contexts: { context: string }[] }
    wire.context = tree.contexts[0]!.context
    await wire.send('browsingContext.setViewport', { context: wire.context, viewport })
    return wire
  }

  async navigate(url: string): Promise<void> {
    await this.send('browsingContext.navigate', { context: this.context, url, wait: 'complete' })
  }

  async reload(): Promise<void> {
    await this.send('browsingContext.reload', { context: this.context, wait: 'complete' })
  }

  async call(source: string, argument: string): Promise<string> {
    const answer = (await this.send('script.callFunction', {
      functionDeclaration: source,
      arguments: [{ type: 'string', value: argument }],
      awaitPromise: true,
      target: { context: this.context },
    })) as CallResult
    if (answer.type === 'exception') throw new Error(answer.exceptionDetails.text)
    return answer.result.value
  }

  async perform(sources: InputSource[]): Promise<void> {
    await this.send('input.performActions', { context: this.context, actions: sources })
  }

  private send(method: string, params: object): Promise<unknown> {
    const id = ++this.lastId
    return new Promise((resolve, reject) => {
      this.waiters.set(id, { resolve, reject })
      this.socket.send(JSON.stringify({ id, method, params }))
    })
  }

  private take(answer: Answer): void {
    if (answer.type === 'event') return this.note(answer.params as { level: string; text: string })
    const waiter = this.waiters.get(answer.id!)
    this.waiters.delete(answer.id!)
    if (answer.type === 'success') waiter?.resolve(answer.result)
    else waiter?.reject(new Error(`${answer.error}: ${answer.message}`))
  }

  private note({ level, text }: { level: string; text: string }): void {
    if (level === 'error') this.errors.push(text)
  }

  private settle(reason: Error): void {
    for (const waiter of this.waiters.values()) waiter.reject(reason)
    this.waiters.clear()
  }
}

import { afterEach, expect, test, vi } from 'vitest'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Lab } from '../contract/lab.ts'
import { LabLink } from '../element/lab-link.ts'
import { labSdk } from '../element/lab-sdk.ts'
import { HostLink, type FrameWindow } from './host-link.ts'
import { serveLab } from './serve-lab.ts'

/** A lab that notes what it is asked, and answers with the name of the call. */
function fakeLab() {
  const asked: unknown[][] = []
  const lab = new Proxy({} as Lab, {
    get:
      (_lab, call) =>
      (...args: unknown[]) => {
        asked.push([call, ...args])
        return Promise.resolve(call)
      },
  })
  return { asked, lab }
}

const ports: MessagePort[] = []
afterEach(() => ports.splice(0).forEach((port) => port.close()))

function channel(): MessageChannel {
  const channel = new MessageChannel()
  ports.push(channel.port1, channel.port2)
  return channel
}

/** What a frame answers to one message that may be anything. */
function answerTo(message: unknown, lab: Lab | undefined): Promise<unknown> {
  const { port1, port2 } = channel()
  serveLab(port2, () => lab)
  const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)))
  port1.postMessage(message)
  return answer
}

test('every call of the SDK reaches the lab with what it was given', async () => {
  const { asked, lab } = fakeLab()
  const { port1, port2 } = channel()
  serveLab(port2, () => lab)
  const link = new LabLink()
  link.connect(port1)
  port2.postMessage({ event: 'booted', detail: { elapsed: 1, restored: true } })
  const sdk = labSdk(link, () => Promise.resolve())
  expect(await sdk.booted).toEqual({ elapsed: 1, restored: true })
  expect(await sdk.exec(['ls', '/'])).toBe('exec')
  await sdk.exec(['ls'], { container: 'web' })
  await sdk.terminal(0).type('ls')
  await sdk.terminal(1).run('ls\npwd')
  await sdk.terminal(0).interrupt()
  await sdk.files.read('/etc/hosts')
  await sdk.files.write('/a', 'é')
  await sdk.containers.list()
  await sdk.containers.inspect('web')
  await sdk.goto('two')
  await sdk.check('task')
  await sdk.reset()
  expect(asked).toEqual([
    ['exec', ['ls', '/'], undefined],
    ['exec', ['ls'], 'web'],
    ['type', 0, 'ls'],
    ['run', 1, 'ls\npwd'],
    ['interrupt', 0],
    ['read', '/etc/hosts'],
    ['write', '/a', new Uint8Array([0xc3, 0xa9])],
    ['list'],
    ['inspect', 'web'],
    ['goto', 'two'],
    ['check', 'task'],
    ['reset'],
  ])
})

test.each<[string, unknown, string | RegExp]>([
  ['a text', 'exec', /must have the form/],
  ['nothing', null, /must have the form/],
  ['no number', { call: 'list', args: [] }, /must have the form/],
  ['no list', { id: 1, call: 'list' }, /must have the form/],
  [
    'an unknown call',
    { id: 1, call: 'constructor', args: [] },
    /^there is no call "constructor": exec, type/,
  ],
  ['a call that is no text', { id: 1, call: 7, args: [] }, /^there is no call 7/],
  ['too many arguments', { id: 1, call: 'list', args: [1] }, 'list takes at most 0 arguments'],
  [
    'a command line as text',
    { id: 1, call: 'exec', args: ['ls'] },
    /^exec: argument 1 must be a list of 1 to/,
  ],
  ['an empty command line', { id: 1, call: 'exec', args: [[]] }, /^exec: argument 1/],
  ['a NUL', { id: 1, call: 'exec', args: [['ls', 'a\0b']] }, /^exec: argument 1/],
  ['a word that is no text', { id: 1, call: 'exec', args: [['ls', {}]] }, /^exec: argument 1/],
  ['no container', { id: 1, call: 'exec', args: [['ls'], 3] }, /^exec: argument 2/],
  ['a terminal that cannot be', { id: 1, call: 'type', args: [-1, 'ls'] }, /^type: argument 1/],
  ['a terminal by name', { id: 1, call: 'run', args: ['0', 'ls'] }, /^run: argument 1/],
  ['a text without end', { id: 1, call: 'run', args: [0, 'x'.repeat(70_000)] }, /^run: argument 2/],
  ['a path of nowhere', { id: 1, call: 'read', args: ['etc'] }, /^read: argument 1 must be an absolute path/],
  ['text as a file', { id: 1, call: 'write', args: ['/a', 'text'] }, /^write: argument 2/],
  ['an empty name', { id: 1, call: 'inspect', args: [''] }, /^inspect: argument 1/],
  ['a colour', { id: 1, call: 'theme', args: ['blue'] }, 'theme: argument 1 must be auto, light, dark'],
])('%s is answered with an error, and the lab is not asked', async (_what, message, sentence) => {
  const { asked, lab } = fakeLab()
  expect(await answerTo(message, lab)).toMatchObject({
    id: (message as { id?: number } | null)?.id ?? null,
    error: { code: 'invalid', message: expect.stringMatching(sentence) },
  })
  expect(asked).toEqual([])
})

test('before there is a lab, calls are answered so', async () => {
  expect(await answerTo({ id: 4, call: 'list', args: [] }, undefined)).toEqual({
    id: 4,
    error: { code: 'unavailable', message: 'the lab has not been started' },
  })
})

test('a failure of the lab keeps its code, and is an Error to the page', async () => {
  const { port1, port2 } = channel()
  const refuse = () => Promise.reject(new EngineError('not-found', 'No such container: web'))
  serveLab(port2, () => ({ ...fakeLab().lab, inspect: refuse }))
  const link = new LabLink()
  link.connect(port1)
  await expect(link.call('inspect', 'web')).rejects.toMatchObject({
    code: 'not-found',
    message: 'No such container: web',
  })
})

test('of calls that never end, so many may be under way and no more', async () => {
  const { port1, port2 } = channel()
  let count = 0
  const hang = () => new Promise<never>(() => void (count += 1))
  serveLab(port2, () => ({ ...fakeLab().lab, list: hang }))
  const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)))
  for (let id = 0; id <= 32; id++) port1.postMessage({ id, call: 'list', args: [] })
  expect(await answer).toMatchObject({ id: 32, error: { code: 'exhausted' } })
  expect(count).toBe(32)
})

test('the end of a lab rejects what waits for it, and what comes later', async () => {
  const link = new LabLink()
  link.connect(channel().port1)
  const waiting = [link.call('list'), link.booted, labSdk(link, () => Promise.resolve()).exec(['ls'])]
  await link.ready
  link.end(new EngineError('unavailable', 'the machine has moved'))
  for (const promise of [...waiting, link.call('list')])
    await expect(promise).rejects.toThrow('the machine has moved')
})

test('messages that no lab sends are passed over', async () => {
  const { port1, port2 } = channel()
  const link = new LabLink()
  const heard = vi.fn()
  link.on('height', heard)
  link.connect(port1)
  for (const message of [
    null,
    'x',
    { event: 'height' },
    { event: 'toString', detail: {} },
    { id: 9, result: 1 },
    { id: null, error: { code: 'nonsense', message: 'x' } },
    { event: 'height', detail: { height: 7 } },
    { event: 'booted', detail: {} },
  ])
    port2.postMessage(message)
  await link.booted
  expect(heard.mock.calls).toEqual([[{ height: 7 }]])
})

/** The window of a frame, and what its parent was sent. */
function fakeFrame() {
  const sent: unknown[] = []
  const parent = { postMessage: (message: unknown) => void sent.push(message) }
  let listener!: (event: MessageEvent<unknown>) => void
  const window = {
    parent,
    addEventListener: (_type: 'message', added: typeof listener) => (listener = added),
  } as unknown as FrameWindow
  return {
    sent,
    window,
    post: (data: unknown, port: MessagePort, source: unknown = parent) =>
      listener({ data, source, ports: [port] } as unknown as MessageEvent<unknown>),
  }
}

/** Resolves with the next messages of a port. */
function messages(port: MessagePort, count: number): Promise<unknown[]> {
  const seen: unknown[] = []
  return new Promise((resolve) => {
    port.onmessage = ({ data }) => {
      if (seen.push(data) === count) resolve(seen)
    }
  })
}

test('the frame says hello, and tells the port what it had to tell before', async () => {
  const { sent, window, post } = fakeFrame()
  const link = new HostLink(window)
  expect(sent).toEqual([{ porthole: 1, type: 'hello' }])
  link.tell('height', { height: 1 })
  link.tell('height', { height: 2 })
  const { port1, port2 } = channel()
  const told = messages(port1, 2)
  post({ porthole: 1, type: 'connect' }, port2)
  link.tell('leave', {})
  expect(await told).toEqual([
    { event: 'height', detail: { height: 2 } },
    { event: 'leave', detail: {} },
  ])
})

test('a port of another window than the parent, of another message, or a second one is not taken', async () => {
  const { window, post } = fakeFrame()
  const link = new HostLink(window)
  const others = [channel(), channel(), channel()]
  const heard = vi.fn()
  for (const { port1 } of others) port1.onmessage = heard
  post({ porthole: 1, type: 'connect' }, others[0]!.port2, {})
  post({ type: 'connect' }, others[1]!.port2)
  const { port1, port2 } = channel()
  const told = messages(port1, 1)
  post({ porthole: 1, type: 'connect' }, port2)
  post({ porthole: 1, type: 'connect' }, others[2]!.port2)
  link.tell('leave', {})
  await told
  expect(heard).not.toHaveBeenCalled()
})

test('a page of another version is told so, and gets no lab', async () => {
  const { window, post } = fakeFrame()
  new HostLink(window).serve(fakeLab().lab)
  const { port1, port2 } = channel()
  const told = messages(port1, 1)
  post({ porthole: 2, type: 'connect' }, port2)
  expect(await told).toEqual([
    {
      event: 'error',
      detail: {
        code: 'not-supported',
        message: 'this lab speaks version 1 of the embed’s protocol, and the page around it 2',
      },
    },
  ])
})

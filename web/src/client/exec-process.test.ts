import type { Duplex } from 'node:stream'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { stdcopyFrame } from '../../../guest/vocabulary/stdcopy.ts'
import { httpOverStreams } from '../../../test/support/http-over-streams.ts'
import { collectExec } from './exec-process.ts'
import { HttpTransport } from './http-transport.ts'

const SWITCH = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'
const encode = (text: string) => new TextEncoder().encode(text)

/** An engine whose first exec has the process `run` with the number 70; the others end at once. */
function engineWithExec(run: (process: Duplex) => void) {
  const asked: string[] = []
  const commands: string[][] = []
  const { server, open } = httpOverStreams((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (!request.url!.endsWith('/exec')) return response.end('{"Running":true,"Pid":70,"ExitCode":3}')
    return void json(request).then((body) => {
      commands.push((body as { Cmd: string[] }).Cmd)
      response.writeHead(201).end(`{"Id":"e${commands.length}"}`)
    })
  })
  server.on('upgrade', ({ url }, socket) => {
    socket.write(SWITCH)
    if (url === '/exec/e1/start') run(socket)
    else socket.end()
  })
  return { asked, commands, transport: new HttpTransport(open) }
}

test('both outputs are collected apart, with the exit status', async () => {
  const { asked, transport } = engineWithExec((process) => {
    process.write(stdcopyFrame('stdout', encode('镜').subarray(0, 2)))
    process.write(stdcopyFrame('stderr', encode('oh')))
    process.end(stdcopyFrame('stdout', encode('镜').subarray(2)))
  })
  expect(await collectExec(transport, ['true'])).toEqual({ code: 3, stdout: '镜', stderr: 'oh' })
  expect(asked).toEqual(['POST /porthole/exec', 'GET /exec/e1/json'])
})

test('a process of a container is the container’s exec', async () => {
  const { asked, transport } = engineWithExec((process) => process.end())
  await collectExec(transport, ['true'], { container: 'web' })
  expect(asked[0]).toBe('POST /containers/web/exec')
})

test('a process that prints more than is asked for is left, and killed', async () => {
  let left!: () => void
  const whenLeft = new Promise<void>((resolve) => (left = resolve))
  const { commands, transport } = engineWithExec((process) => {
    process.on('close', left)
    process.on('error', () => undefined)
    process.write(stdcopyFrame('stdout', encode('123456')))
  })
  await expect(collectExec(transport, ['yes'], { limit: 5 })).rejects.toMatchObject({ code: 'too-large' })
  await whenLeft
  expect(commands).toEqual([['yes'], ['kill', '-KILL', '70']])
})

test('a process whose caller has no patience any more is killed', async () => {
  const patience = new AbortController()
  const { commands, transport } = engineWithExec((process) => {
    process.on('error', () => undefined)
    patience.abort(new Error('enough'))
  })
  const options = { container: 'web', signal: patience.signal }
  await expect(collectExec(transport, ['sleep', 'inf'], options)).rejects.toThrow('enough')
  expect(commands).toEqual([
    ['sleep', 'inf'],
    ['kill', '-KILL', '70'],
  ])
})

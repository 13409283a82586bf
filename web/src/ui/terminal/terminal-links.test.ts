import { describe, expect, test } from 'vitest'
import { parseClipboardWrite, parseTerminalLink } from './terminal-links.ts'

const ID = 'ab'.repeat(32)
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('links a container prints', () => {
  test('http and https lead to the web', () => {
    expect(parseTerminalLink('https://example.org/a?b#c')).toEqual({
      kind: 'web',
      url: 'https://example.org/a?b#c',
    })
  })

  test.each([
    ['http://localhost:8080/', 8080],
    ['http://127.0.0.1', 80],
    ['http://[::1]:3000/x', 3000],
    ['http://0.0.0.0:9000', 9000],
  ])("%s is the guest's own server", (uri, port) => {
    expect(parseTerminalLink(uri)).toEqual({ kind: 'preview', port })
  })

  test('our own scheme names a container by its full id', () => {
    expect(parseTerminalLink(`porthole:container/${ID}`)).toEqual({ kind: 'container', id: ID })
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,<script>1</script>',
    'file:///etc/passwd',
    'blob:https://example.org/1',
    'ftp://example.org/',
    'https://user:secret@example.org/',
    'https://',
    `porthole:container/${ID}0`,
    `porthole:container/${ID.toUpperCase()}`,
    `porthole:container/${ID}\n`,
    'porthole:container/../../x',
    'porthole:run/rm',
    ' https://example.org',
  ])('%j is no link', (uri) => {
    expect(parseTerminalLink(uri)).toBeUndefined()
  })
})

describe('OSC 52', () => {
  test('a write gives its text, in UTF-8', () => {
    expect(parseClipboardWrite(`c;${base64('docker 镜像')}`)).toBe('docker 镜像')
    expect(parseClipboardWrite(`;${base64('x')}`)).toBe('x')
  })

  test.each([
    ['a query', 'c;?'],
    ['nothing', 'c;'],
    ['no selection field', base64('x')],
    ['what is not base64', 'c;%%%%'],
    ['a cut quantum', 'c;abc'],
    ['more than a clipboard should hold', `c;${'A'.repeat(200_000)}`],
  ])('%s is ignored', (_name, data) => {
    expect(parseClipboardWrite(data)).toBeUndefined()
  })
})

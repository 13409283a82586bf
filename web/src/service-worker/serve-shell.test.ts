import { expect, test } from 'vitest'
import { isShellRequest, serveShell } from './serve-shell.ts'

const BASE = 'https://lab.example/lab/'
const get = (path: string, init?: RequestInit) => new Request(BASE + path, init)
const offline = () => Promise.reject(new TypeError('Failed to fetch'))
const online = (text: string) => () => Promise.resolve(new Response(text))

function shellOf(files: Record<string, string>) {
  const kept: Record<string, string> = { ...files }
  return {
    kept,
    find: (url: string) => {
      const text = kept[url.slice(BASE.length)]
      return Promise.resolve(text === undefined ? undefined : new Response(text))
    },
    keepHostFile: async (path: string, response: Response) => void (kept[path] = await response.text()),
  }
}

test('requests for what the machine keeps itself, for the newest and for ranges pass', () => {
  const passed = [
    'guest/manifest.json',
    'images/index.json',
    'port/80/',
    'index.html?newest=1',
    'preview-worker.js',
  ]
  expect(passed.filter((path) => isShellRequest(get(path), BASE))).toEqual([])
  expect(isShellRequest(get('a.js', { headers: { range: 'bytes=0-1' } }), BASE)).toBe(false)
  expect(isShellRequest(get('a.js', { method: 'HEAD' }), BASE)).toBe(false)
  expect(isShellRequest(new Request('https://lab.example/other/'), BASE)).toBe(false)
  expect(['', '?lesson=chroot', 'assets/a.js'].map((path) => isShellRequest(get(path), BASE))).toEqual([
    true,
    true,
    true,
  ])
})

test('a kept file comes before the network, another from the network', async () => {
  const shell = shellOf({ 'a.js': 'kept' })
  expect(await (await serveShell(get('a.js'), BASE, shell, online('network'))).text()).toBe('kept')
  expect(await (await serveShell(get('b.js'), BASE, shell, online('network'))).text()).toBe('network')
})

test('a host’s own file comes from the network, and without one as it was last', async () => {
  const shell = shellOf({ 'site.json': 'old' })
  expect(await (await serveShell(get('site.json'), BASE, shell, online('new'))).text()).toBe('new')
  expect(await (await serveShell(get('site.json'), BASE, shell, offline)).text()).toBe('new')
  await expect(serveShell(get('registries.json'), BASE, shell, offline)).rejects.toThrow('Failed to fetch')
})

test('a browser that refuses storage has the network', async () => {
  const find = () => Promise.reject(new DOMException('denied', 'SecurityError'))
  const shell = { find, keepHostFile: () => Promise.reject(new Error('denied')) }
  expect(await (await serveShell(get('a.js'), BASE, shell, online('network'))).text()).toBe('network')
  expect(await (await serveShell(get('site.json'), BASE, shell, online('own'))).text()).toBe('own')
})

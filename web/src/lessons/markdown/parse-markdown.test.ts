import { expect, test } from 'vitest'
import { MAX_PROSE_CHARACTERS, parseMarkdown } from './parse-markdown.ts'
import { plainText, type PlacedBlock } from './tree.ts'

function blocks(text: string): PlacedBlock[] {
  const { blocks, problems } = parseMarkdown(text)
  expect(problems).toEqual([])
  return blocks
}

const problems = (text: string) =>
  parseMarkdown(text).problems.map(({ line, message }) => `${line}: ${message}`)

const text = (words: string) => ({ kind: 'text', text: words })

test('headings, paragraphs and rules are read with their lines', () => {
  expect(blocks('# A lesson\n\nTwo *words*\nand `code`.\n\n---\n')).toEqual([
    { kind: 'heading', level: 1, id: undefined, content: [text('A lesson')], line: 1 },
    {
      kind: 'paragraph',
      content: [
        text('Two '),
        { kind: 'emphasis', content: [text('words')] },
        text(' '),
        text('and '),
        { kind: 'code', text: 'code' },
        text('.'),
      ],
      line: 3,
    },
    { kind: 'rule', line: 6 },
  ])
})

test.each([
  ['## Look around {#look}', 'look', 'Look around'],
  ['## 看一看 {#look}', 'look', '看一看'],
  ['## `ps` {#ps}', 'ps', 'ps'],
  ['## Braces {}', undefined, 'Braces {}'],
])('the id of the heading %j is %j', (source, id, words) => {
  const [heading] = blocks(source)
  expect(heading).toMatchObject({ kind: 'heading', id })
  expect(heading?.kind === 'heading' && plainText(heading.content)).toBe(words)
})

test('lists, quotes and tables nest', () => {
  expect(blocks('3. one\n4. two\n   - inner\n\n> said\n\n| a | b |\n|---|---|\n| 1 | `2` |\n')).toMatchObject(
    [
      { kind: 'list', ordered: true, start: 3, items: [[{}], [{}, { kind: 'list', ordered: false }]] },
      { kind: 'quote', content: [{ kind: 'paragraph' }] },
      {
        kind: 'table',
        head: [[text('a')], [text('b')]],
        rows: [[[text('1')], [{ kind: 'code', text: '2' }]]],
      },
    ],
  )
})

test('a directive has attributes and words', () => {
  expect(blocks('::hint{task=run id="no name"} Try `ps`, see [more](#end).\n')).toEqual([
    {
      kind: 'directive',
      name: 'hint',
      attributes: new Map([
        ['task', 'run'],
        ['id', 'no name'],
      ]),
      content: [
        text('Try '),
        { kind: 'code', text: 'ps' },
        text(', see '),
        { kind: 'link', target: { kind: 'step', step: 'end' }, content: [text('more')] },
        text('.'),
      ],
      line: 1,
    },
  ])
})

test.each(['::task{id=a id=b} twice', '::task no braces', '::{id=a}', '::task{id="open}', '::task{1=2}'])(
  'the directive %j is refused',
  (source) => {
    expect(problems(`words\n\n${source}`)).toEqual([`3: “${source}” cannot be read: ::name{key=value} text`])
  },
)

test('a line of source ends without a blank between Chinese characters, and with one between words', () => {
  const words = (source: string) =>
    blocks(source).map((block) => block.kind === 'paragraph' && plainText(block.content))
  expect(words('容器不是\n虚拟机。\n')).toEqual(['容器不是虚拟机。'])
  expect(words('容器\ncontainer\n')).toEqual(['容器 container'])
  expect(words('one\ntwo')).toEqual(['one two'])
})

test.each([
  [
    '```sh run term=web once interrupt\nls\n```',
    { language: 'sh', run: true, once: true, interrupt: true, terminal: 'web' },
  ],
  [
    '```dockerfile file=/root/Dockerfile\nFROM x\n```',
    { language: 'dockerfile', file: '/root/Dockerfile', run: false },
  ],
  ['```sh copy\nls\n\n```', { copy: true, text: 'ls' }],
  ['    indented', { language: '', run: false, text: 'indented' }],
])('the code block %j is read', (source, expected) => {
  expect(blocks(source)).toMatchObject([{ kind: 'code', code: expected }])
})

test.each([
  ['```sh ran\n```', 'a code block has no “ran”'],
  ['```sh run=1\n```', '“run” of a code block takes no value'],
  ['```sh run term=../x\n```', '“../x” is no name of a terminal'],
  ['```sh term=web\n```', '“term” of a code block goes with “run”'],
  ['```sh run file=/a\n```', 'a code block is run or written, not both'],
  ['```sh file=/a/../b\n```', '“/a/../b” is no absolute path'],
  ['```sh file=b\n```', '“b” is no absolute path'],
  ['```sh run run\n```', 'the words after the fence cannot be read: “run run”'],
])('the code block %j is refused', (source, expected) => {
  expect(problems(source)).toEqual([expect.stringContaining(expected)])
})

test('raw HTML is text', () => {
  expect(blocks('<script>alert(1)</script>\n\na <b onclick="x">b</b>')).toMatchObject([
    { kind: 'paragraph', content: [text('<script>alert(1)</script>')] },
    { kind: 'paragraph', content: [text('a <b onclick="x">b</b>')] },
  ])
})

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:http://x/y',
  '//host/path',
  '/admin',
  '../../x',
  '../a/../../b',
  'https://user:secret@host/',
  'http:\\\\host',
  '#panel/../x',
  '#Step',
  '&#106;avascript:alert(1)',
])('a link to %j is refused, and its words stay', (target) => {
  const { blocks, problems } = parseMarkdown(`a\n\n[words](<${target}>)`)
  expect(problems).toEqual([{ line: 3, message: expect.stringContaining('is no link of a lesson') }])
  expect(blocks[1]).toMatchObject({ kind: 'paragraph', content: [text('words')] })
})

test.each([
  ['https://example.org/a?b#c', { kind: 'web', url: 'https://example.org/a?b#c' }],
  ['#look', { kind: 'step', step: 'look' }],
  ['../images', { kind: 'lesson', lesson: 'images', step: undefined }],
  ['../images#layers', { kind: 'lesson', lesson: 'images', step: 'layers' }],
  ['#panel/namespaces', { kind: 'panel', panel: 'namespaces', item: undefined, tab: undefined }],
  ['#panel/containers/web/timeline', { kind: 'panel', panel: 'containers', item: 'web', tab: 'timeline' }],
])('a link to %j leads there', (source, target) => {
  expect(blocks(`[x](${source})`)).toMatchObject([{ content: [{ kind: 'link', target }] }])
})

test.each(['https://host/x.png', '/x.png', '../x.png', 'data:image/png;base64,AA', 'x.html', 'a/../x.svg'])(
  'the picture %j is refused',
  (source) => {
    expect(problems(`![words](<${source}>)`)).toEqual([expect.stringContaining('is no picture')])
  },
)

test('a picture of the folder needs words that stand for it', () => {
  expect(blocks('![layers, one on the other](layers.svg)')).toMatchObject([
    { content: [{ kind: 'image', path: 'layers.svg', alternative: 'layers, one on the other' }] },
  ])
  expect(problems('![](layers.svg)')).toEqual(['1: the picture layers.svg needs words that stand for it'])
})

test.each([
  ['\u202e', 'U+202E'],
  ['\u200b', 'U+200B'],
  ['\u001b', 'U+001B'],
  ['\u0000', 'U+0000'],
])('%j, which hides what a text says, is refused with its line', (character, name) => {
  expect(problems(`one\r\n\ntwo ${character}`)).toEqual([
    `3: the character ${name} does not show what it does`,
  ])
})

test.each([
  ['\u200d \ufe0f', undefined],
  ['\u00ad', 'U+00AD'],
  ['\u061c', 'U+061C'],
  ['\u3164', 'U+3164'],
  ['\u{e0041}', 'U+E0041'],
])('of the characters that nobody sees, emoji’s joiners are let in: %j', (character, name) => {
  const refused = name === undefined ? [] : [`1: the character ${name} does not show what it does`]
  expect(problems(`a${character}b`)).toEqual(refused)
})

test.each(['a &#x202e; b', 'a &zwnj;&lrm; b', '<https://host/%E2%80%AE>', '[a&rlm;](#b)'])(
  'a character that is hidden by another way of writing it is refused: %j',
  (source) => {
    expect(problems(`one\n\n${source}`)).toEqual([expect.stringMatching(/^3: the character U\+20/)])
  },
)

test.each([
  ['blanks in a heading', `# a${' '.repeat(150_000)}b {#x}`],
  ['line breaks in a code block', `\`\`\`\n${'\n'.repeat(150_000)}x\n\`\`\``],
  ['pictures in pictures', `${'!['.repeat(20_000)}a${'](b.svg)'.repeat(20_000)}`],
  ['brackets', '['.repeat(150_000)],
  ['stars', '*a '.repeat(50_000)],
])('%s in great number end', (_what, source) => {
  const start = process.cpuUsage()
  parseMarkdown(source)
  expect(process.cpuUsage(start).user).toBeLessThan(5_000_000)
})

test('depth and size have limits', () => {
  expect(problems('x'.repeat(MAX_PROSE_CHARACTERS + 1))).toEqual([
    `1: more than ${MAX_PROSE_CHARACTERS} characters`,
  ])
  expect(problems(`${'*a **b '.repeat(400)}${'** *'.repeat(400)}`).length).toBeLessThan(10)
  const depth = (node: unknown): number =>
    typeof node === 'object' && node !== null
      ? 1 + Math.max(0, ...Object.values(node).map((value) => depth(value)))
      : 0
  expect(depth(parseMarkdown(`${'> '.repeat(5_000)}deep`).blocks)).toBeLessThan(120)
  expect(depth(parseMarkdown(`${'*a **b '.repeat(2_000)}x${'** *'.repeat(2_000)}`).blocks)).toBeLessThan(60)
  expect(problems('* x\n'.repeat(30_000))).toEqual(['1: more than 20000 pieces of Markdown'])
})

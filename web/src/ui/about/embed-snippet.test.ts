import { expect, test } from 'vitest'
import { embedSnippet } from './embed-snippet.ts'

const SCREEN = { base: 'https://lab.example/', lesson: undefined, step: undefined, panel: 'images', line: '' }
const SCRIPT = '<script async src="https://lab.example/embed.js"></script>\n'

test('a command is the code of the embed, whatever it is made of', () => {
  expect(embedSnippet({ ...SCREEN, line: 'echo "<b>" && ls' })).toBe(
    `${SCRIPT}<porthole-playground layout="split" panels="images">` +
      '<pre><code>echo &quot;&lt;b&gt;&quot; &amp;&amp; ls</code></pre></porthole-playground>',
  )
})

test('a lesson is named with its step, and needs no code', () => {
  expect(embedSnippet({ ...SCREEN, lesson: 'chroot', step: 'two', line: 'ls' })).toBe(
    `${SCRIPT}<porthole-playground lesson="chroot" step="two" layout="split" panels="images"></porthole-playground>`,
  )
})

test('without either it is the machine alone', () => {
  expect(embedSnippet({ ...SCREEN, step: 'two' })).toBe(
    `${SCRIPT}<porthole-playground layout="split" panels="images"></porthole-playground>`,
  )
})

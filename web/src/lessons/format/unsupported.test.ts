import { expect, test } from 'vitest'
import { parseCodeBlock, type CodeBlock } from '../markdown/code-block.ts'
import { byReason, reasonAgainst, type Reason, type Unsupported } from './unsupported.ts'

const part = (reason: Reason, what: string, line?: number, file = 'a.md'): Unsupported => ({
  ...{ file, line, what, reason },
})
const block = (text: string, line: number, info = 'sh run') => parseCodeBlock(info, text, line) as CodeBlock

test('a block has the reason of the command in it that is listed', () => {
  const parts = [
    part('option', 'fast', 3),
    part('image', 'docker build -t app . (node:22-alpine)', 3),
    part('before', 'docker logs app', 9),
    part('program', 'systemctl restart docker', 1, 'assets/init.sh'),
  ]
  expect(reasonAgainst(parts, block('docker build -t \\\n app .', 3))).toBe(undefined)
  expect(reasonAgainst(parts, block('ls\ndocker build -t app .', 3))).toBe('image')
  expect(reasonAgainst(parts, block('docker build -t app .', 4))).toBe(undefined)
  expect(reasonAgainst(parts, block('docker logs app', 9, 'sh'))).toBe(undefined)
  expect(reasonAgainst(parts, block("bash '/opt/lesson/assets/init.sh'", 2))).toBe('program')
})

test('parts go by reason, what stands in the way of commands first', () => {
  const parts = [part('option', 'a'), part('image', 'b'), part('option', 'c')]
  expect(byReason(parts).map(({ reason, parts }) => [reason, parts.map(({ what }) => what)])).toEqual([
    ['image', ['b']],
    ['option', ['a', 'c']],
  ])
})

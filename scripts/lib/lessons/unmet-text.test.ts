import { expect, test } from 'vitest'
import type { Unmet } from '../../../web/src/lessons/checks/evaluate.ts'
import type { Condition } from '../../../web/src/lessons/format/check.ts'
import { unmetText } from './unmet-text.ts'

const condition: Condition = {
  kind: 'file',
  query: { path: '/x' },
  fields: [['text', { kind: 'text', glob: 'b*' }]],
  count: { compare: '>=', value: 1 },
}
const unmet = (part: Partial<Unmet>): Unmet => ({
  ...{ condition, negated: false, matching: 0, field: undefined, found: undefined },
  ...part,
})

test.each<[Partial<Unmet>, string]>([
  [{ field: 'text', found: 'a' }, 'file {"path":"/x"}: text is "a", and “b*” is wanted'],
  [{}, 'of file {"path":"/x"} with text “b*” there are 0, and >= 1 are wanted'],
  [{ negated: true, matching: 1 }, 'file {"path":"/x"} with text “b*” is there, and should not be'],
])('%j is told', (part, sentence) => {
  expect(unmetText(unmet(part))).toBe(sentence)
})

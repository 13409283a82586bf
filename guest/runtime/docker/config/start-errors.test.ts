import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { SLOT, type Step } from '../../plan/plan.ts'
import { bindSteps } from '../../oci/rootfs/bind-steps.ts'
import { launchFailure, START_SENTENCE } from './start-errors.ts'

const BIND = {
  ...{ at: SLOT.root, target: '/x', recursive: true },
  ...{ set: 0n, clear: 0n, recursiveSet: 0n, propagation: 0n },
}

/** The failure of the bind that mounts a part of a volume. */
function failureOf(subpath: string | undefined, errno: number) {
  const init: Step[] = bindSteps({ source: '/volumes/v/_data', subpath }, BIND)
  const step = init.findIndex(({ op }) => op === 'bind')
  const thrown = new EngineError('internal', 'bind', { step, role: 'init', op: 'bind', errno })
  const { exitCode, error } = launchFailure(thrown, { shim: [], init }, START_SENTENCE)
  return { exitCode, code: error.code, message: error.message }
}

test.each([
  [
    'a link that leads out',
    18,
    'invalid',
    'path concatenation escapes the base directory, base: /volumes/v/_data, subpath: a/b',
  ],
  [
    'what is not there',
    2,
    'not-found',
    'cannot access path /volumes/v/_data/a/b: lstat /volumes/v/_data/a/b: no such file or directory',
  ],
  [
    'a file on the way',
    20,
    'internal',
    'error while resolving symlinks in combined path "/volumes/v/_data/a/b": lstat /volumes/v/_data/a/b: not a directory',
  ],
])('of a part of a volume, %s is named', (_, errno, code, message) => {
  expect(failureOf('a/b', errno)).toEqual({ exitCode: 128, code, message })
})

test('of a whole volume, it is the runtime that fails', () => {
  expect(failureOf(undefined, 2)).toMatchObject({
    exitCode: 127,
    message: expect.stringContaining('error mounting to rootfs at "/x": no such file or directory') as string,
  })
})

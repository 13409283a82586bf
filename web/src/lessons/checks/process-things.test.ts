import { expect, test } from 'vitest'
import type { Condition } from '../format/check.ts'
import { processQuestions, processThings } from './process-things.ts'

const ID = 'ab'.repeat(32)

const LIST = `    1     0     0 Ss   /sbin/init
   20     1     0 S    sleep 1000
   30     1  1000 Ss+  sh -c echo  two blanks
   90    50     0 S    bash -c ask sleep
   91    90     0 R    ps -ww
   92     1     0 S    timeout -s KILL 10 bash -c pgrep sleep
`

const CGROUPS = `/proc/1/cgroup:0::/
/proc/20/cgroup:0::/docker/${ID}
`

const LINKS = `'/proc/1/root' -> '/'
'/proc/1/ns/pid' -> 'pid:[1]'
'/proc/1/ns/net' -> 'net:[2]'
'/proc/1/ns/pid_for_children' -> 'pid:[1]'
'/proc/20/root' -> '/root/jail'
'/proc/20/ns/pid' -> 'pid:[7]'
'/proc/20/ns/net' -> 'net:[2]'
`

test('processes are what ps and /proc say, without those that ask', () => {
  const answers = { list: LIST, cgroups: CGROUPS, links: LINKS }
  const things = processThings(answers, 90, new Map([[ID, 'web']]))
  expect(things).toMatchObject([
    { pid: 1, command: '/sbin/init', own: [], shared: ['pid', 'net'], root: '/', container: '' },
    {
      ...{ pid: 20, parent: 1, uid: 0, command: 'sleep 1000', cgroup: `/docker/${ID}`, container: 'web' },
      ...{ own: ['pid'], shared: ['net'], root: '/root/jail' },
    },
    { pid: 30, uid: 1000, state: 'Ss+', command: 'sh -c echo  two blanks', own: [], shared: [] },
  ])
})

test('only what conditions name is asked', () => {
  const condition = (field: string): Condition => ({
    ...{ kind: 'process', query: {}, count: { compare: '>=', value: 1 } },
    fields: [[field, { kind: 'text', glob: '*' }]],
  })
  const asked = (field: string) =>
    processQuestions([condition('command'), condition(field)]).map(({ about }) => about)
  expect(asked('state')).toEqual(['list'])
  expect(asked('container')).toEqual(['list', 'cgroups'])
  expect(asked('own')).toEqual(['list', 'links'])
  expect(processQuestions([])).toEqual([])
})

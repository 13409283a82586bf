/** Every request of the Engine API in every state of a real container: dockerd's answer, and the state it leaves. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONTAINER_STATES } from '../../guest/protocol/states/container-states.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { ask, call } from '../support/engine-answers.ts'
import { ACTIONS, perform, type ActionName, type Named } from '../support/container-requests.ts'
import { ContainersInStates } from '../support/containers-in-states.ts'
import { TABLE } from '../support/state-table.ts'

let machine: HeadlessMachine
let containers: ContainersInStates

beforeAll(async () => {
  machine = await HeadlessMachine.start()
  for (const fromImage of ['busybox', 'debian'])
    await ask(machine.transport, {
      method: 'POST',
      path: '/images/create',
      query: { fromImage, tag: 'latest' },
    })
  containers = new ContainersInStates(machine)
  await containers.prepare()
  const json = { Name: 'side' }
  await call(machine.transport, { method: 'POST', path: '/networks/create', body: { json } })
})

afterAll(() => machine.close())

/** Last what takes longest to reach. */
const STATES = [...CONTAINER_STATES].sort((a, b) => Number(a === 'restarting') - Number(b === 'restarting'))

/** What leaves a state comes after what stays in it, so that the latter can share a container. */
const actionsIn = (state: (typeof STATES)[number]): ActionName[] => {
  const all = Object.keys(ACTIONS) as ActionName[]
  const leaves = (action: ActionName) => Number((TABLE[action][state].then ?? state) !== state)
  return all.sort((a, b) => leaves(a) - leaves(b))
}

const filled = (text: string, { id, name }: Named) => text.replaceAll('{id}', id).replaceAll('{name}', name)

describe.each(STATES)('a container that is %s', (state) => {
  let shared: Named | undefined

  afterAll(() => (state === 'removing' ? containers.goOn() : undefined))

  /** The one of the last test, unless that left the state. A restart that was put off comes by itself. */
  async function container(): Promise<Named> {
    const isThere = shared && (state !== 'restarting' || (await containers.stateOf(shared)) === state)
    return (shared = isThere ? shared! : await containers.bring(state))
  }

  test.each(actionsIn(state))('answers %s as dockerd does', async (action) => {
    const subject = await container()
    shared = undefined
    const { status, text, then = state } = TABLE[action][state]
    if (state === 'dead' && then === 'gone') await containers.setImmutable(subject, false)
    const answer = await perform(machine.transport, action, subject)
    expect(answer).toEqual({
      status,
      text: text === undefined ? expect.anything() : filled(text, subject),
    })
    const after = await containers.inspect(subject)
    expect(after?.State.Status ?? 'gone').toBe(then)
    shared = after?.State.Status === state ? { id: subject.id, name: after.Name.slice(1) } : undefined
  })
})

describe('an exec is refused', () => {
  const execOf = (path: string, json: object) =>
    ask(machine.transport, { method: 'POST', path: `/containers/${path}/exec`, body: { json } })

  test('for want of a command before its container is looked for', async () => {
    expect(await execOf('nobody', { User: 'ghost' })).toEqual({
      status: 400,
      text: 'No exec command specified',
    })
  })

  test('for its user before there is an exec, and after the state was looked at', async () => {
    const request = { Cmd: ['true'], User: 'ghost' }
    const { id } = await containers.bring('running')
    expect(await execOf(id, request)).toEqual({
      status: 400,
      text: 'unable to find user ghost: no matching entries in passwd file',
    })
    expect((await containers.inspect({ id, name: '' }))!.ExecIDs).toBeNull()
    const ended = await containers.bring('exited')
    expect((await execOf(ended.id, request)).status).toBe(409)
  })
})

test('a request for figures as a stream and at once is refused', async () => {
  const { name } = await containers.bring('created')
  const query = { stream: true, 'one-shot': true }
  expect(await ask(machine.transport, { method: 'GET', path: `/containers/${name}/stats`, query })).toEqual({
    status: 400,
    text: 'cannot have stream=true and one-shot=true',
  })
})

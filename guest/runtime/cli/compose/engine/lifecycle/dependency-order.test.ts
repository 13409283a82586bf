import { describe, expect, it } from 'vitest'
import { allOrFirstFailure, inDependencyOrder } from './dependency-order.ts'

const on = (...names: string[]) => ({
  depends_on: Object.fromEntries(
    names.map((name) => [name, { condition: 'service_started' as const, required: true }]),
  ),
})

/** web needs api and cache, api needs db; job needs nothing. */
const SERVICES = { web: on('api', 'cache'), api: on('db'), cache: {}, db: {}, job: {} }

async function visits(reverse: boolean): Promise<string[]> {
  const order: string[] = []
  await inDependencyOrder(
    SERVICES,
    async (name) => {
      order.push(`+${name}`)
      await Promise.resolve()
      order.push(`-${name}`)
    },
    { reverse },
  )
  return order
}

describe('inDependencyOrder', () => {
  it('begins with a service when all that it needs has ended', async () => {
    const order = await visits(false)
    expect(order.indexOf('+api')).toBeGreaterThan(order.indexOf('-db'))
    expect(order.indexOf('+web')).toBeGreaterThan(order.indexOf('-api'))
    expect(order.indexOf('+web')).toBeGreaterThan(order.indexOf('-cache'))
  })

  it('begins in reverse with what nobody needs', async () => {
    const order = await visits(true)
    expect(order.indexOf('+db')).toBeGreaterThan(order.indexOf('-api'))
    expect(order.indexOf('+cache')).toBeGreaterThan(order.indexOf('-web'))
  })

  it('works on independent services at once', async () => {
    const order = await visits(false)
    expect(order.slice(0, 3).sort()).toEqual(['+cache', '+db', '+job'])
  })

  it('leaves out what needs a service that failed, and fails with its error', async () => {
    const seen: string[] = []
    const visit = (name: string): Promise<void> => {
      seen.push(name)
      return name === 'db' ? Promise.reject(new Error('db is broken')) : Promise.resolve()
    }
    await expect(inDependencyOrder(SERVICES, visit)).rejects.toThrow('db is broken')
    expect(seen.sort()).toEqual(['cache', 'db', 'job'])
  })

  it('does not wait for services that are not part of the project', async () => {
    const seen: string[] = []
    await inDependencyOrder({ web: on('gone') }, (name) => Promise.resolve(void seen.push(name)))
    expect(seen).toEqual(['web'])
  })
})

describe('allOrFirstFailure', () => {
  it('waits for every task before it fails, with the failure that came first', async () => {
    let ended = false
    const slow = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      ended = true
      throw new Error('second')
    })
    await expect(allOrFirstFailure([slow, Promise.reject(new Error('first'))])).rejects.toThrow('first')
    expect(ended).toBe(true)
  })
})

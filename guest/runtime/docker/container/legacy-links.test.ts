import { describe, expect, test } from 'vitest'
import { inspectContainer, summarizeContainer } from '../inspect/inspect-container.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { createExec } from '../exec/exec-instance.ts'
import { linkVariables, parseLink } from '../config/legacy-links.ts'
import { removeContainer } from './remove-container.ts'
import { removeLink } from './remove-link.ts'
import { startContainer } from './start-container.ts'
import { renameContainer } from './update-container.ts'

async function linked(link = 'db:store') {
  const engine = testEngine()
  const db = await engine.create({ ExposedPorts: { '5432/tcp': {} }, Env: ['ROLE=main'] }, 'db')
  await startContainer(engine.context, db)
  const web = await engine.create({ HostConfig: { Links: [link] } }, 'web')
  const shown = () => inspectContainer(engine.context, web).HostConfig.Links
  const names = () => summarizeContainer(engine.context, db).Names
  const environment = (id: string) =>
    engine.machine.launchPlans.find((plan) => plan.id === id)!.init.find((step) => step.op === 'execute')
      ?.env ?? []
  return { engine, db, web, shown, names, environment }
}

describe('a link on the default bridge', () => {
  test('is a second name of the other container', async () => {
    const { engine, db, names, shown } = await linked()
    expect(names()).toEqual(['/db', '/web/store'])
    expect(engine.context.containers.find('web/store')).toBe(db)
    expect(engine.context.containers.find('/web/store')).toBe(db)
    expect(shown()).toEqual(['/db:/web/store'])
  })

  test('is written again as inspect shows it', async () => {
    const { shown } = await linked('/db:/old/store')
    expect(shown()).toEqual(['/db:/web/store'])
  })

  test('follows both through renames, and a restart of the engine', async () => {
    const { engine, db, web, names, shown } = await linked()
    await renameContainer(engine.context, db, 'db2')
    await renameContainer(engine.context, web, 'web2')
    expect(names()).toEqual(['/db2', '/web2/store'])
    expect(shown()).toEqual(['/db2:/web2/store'])
    const again = await engine.restart()
    expect(again.context.containers.find('web2/store').id).toBe(db.id)
  })

  test('belongs to the container, not to its name: another one of that name is another one', async () => {
    const { engine, db, shown } = await linked('db')
    await renameContainer(engine.context, db, 'db2')
    await engine.create({}, 'db')
    expect(shown()).toEqual(['/db2:/web/db'])
  })

  test('tells the process and its execs of the other one', async () => {
    const { engine, web, environment } = await linked()
    await startContainer(engine.context, web)
    expect(environment(web.id)).toEqual(
      expect.arrayContaining([
        'STORE_NAME=/web/store',
        'STORE_ENV_ROLE=main',
        'STORE_PORT_5432_TCP_PROTO=tcp',
      ]),
    )
    const exec = await createExec(engine.context, web, { Cmd: ['true'] })
    expect(engine.context.execs.find(exec).settings.env).toContain('STORE_NAME=/web/store')
  })

  test('to a container that does not run lets nothing start', async () => {
    const { engine, db, web } = await linked()
    await removeContainer(engine.context, db, { force: true, volumes: false })
    await expect(startContainer(engine.context, web)).rejects.toThrow(
      'Cannot link to a non running container: /db AS /web/store',
    )
  })

  test('is removed by its name, and neither container with it', async () => {
    const { engine, db, web, names, shown } = await linked()
    await removeLink(engine.context, 'web/store')
    expect(names()).toEqual(['/db'])
    expect(shown()).toBeNull()
    expect(engine.context.containers.all()).toEqual(expect.arrayContaining([db, web]))
    await expect(removeLink(engine.context, 'web')).rejects.toThrow('cannot remove the default link name')
    await expect(removeLink(engine.context, 'no/store')).rejects.toThrow(
      'Cannot get parent /no for link name /no/store',
    )
  })
})

test.each([
  ['none', 'could not get container for none: No such container: none'],
  ['a:b:c', 'bad format for links: a:b:c'],
  ['', 'empty string specified for links'],
])('the link %j is refused', async (link, said) => {
  const engine = testEngine()
  await expect(engine.create({ HostConfig: { Links: [link] } })).rejects.toThrow(said)
})

test('a container on the guest’s network has no address to link to', async () => {
  const engine = testEngine()
  await engine.create({ HostConfig: { NetworkMode: 'host' } }, 'db')
  await expect(engine.create({ HostConfig: { Links: ['db'] } })).rejects.toThrow(
    "conflicting options: host type networking can't be used with links",
  )
})

test('links are parsed as a client writes them and as inspect shows them', () => {
  expect(parseLink('db')).toEqual({ name: 'db', alias: 'db' })
  expect(parseLink('db:store')).toEqual({ name: 'db', alias: 'store' })
  expect(parseLink('/db:/web/store')).toEqual({ name: 'db', alias: 'store' })
})

test('variables tell the first port, each port, and runs of ports; TCP comes first', () => {
  const config = {
    ExposedPorts: { '53/udp': {}, '81/tcp': {}, '80/tcp': {} },
    Env: ['PATH=/bin', 'A=b=c', 'BARE'],
  }
  const record = { config } as unknown as Parameters<typeof linkVariables>[0]['record']
  expect(linkVariables({ name: '/web/my-db', address: '172.17.0.2', record })).toEqual([
    'MY_DB_PORT=tcp://172.17.0.2:80',
    'MY_DB_PORT_80_TCP=tcp://172.17.0.2:80',
    'MY_DB_PORT_80_TCP_ADDR=172.17.0.2',
    'MY_DB_PORT_80_TCP_PORT=80',
    'MY_DB_PORT_80_TCP_PROTO=tcp',
    'MY_DB_PORT_81_TCP=tcp://172.17.0.2:81',
    'MY_DB_PORT_81_TCP_ADDR=172.17.0.2',
    'MY_DB_PORT_81_TCP_PORT=81',
    'MY_DB_PORT_81_TCP_PROTO=tcp',
    'MY_DB_PORT_80_TCP_START=tcp://172.17.0.2:80',
    'MY_DB_PORT_80_TCP_PORT_START=80',
    'MY_DB_PORT_80_TCP_END=tcp://172.17.0.2:81',
    'MY_DB_PORT_80_TCP_PORT_END=81',
    'MY_DB_PORT_53_UDP=udp://172.17.0.2:53',
    'MY_DB_PORT_53_UDP_ADDR=172.17.0.2',
    'MY_DB_PORT_53_UDP_PORT=53',
    'MY_DB_PORT_53_UDP_PROTO=udp',
    'MY_DB_NAME=/web/my-db',
    'MY_DB_ENV_A=b=c',
  ])
})

/** A client's work on its containers. A request whose connection ended is looked after: all of it was done, or nothing. */
import type { ContainerStateName } from '../../../guest/protocol/states/container-states.ts'
import type { EngineRequest } from '../../../guest/protocol/api/engine-transport.ts'
import { post, remove, type ChaosActor } from './chaos-actor.ts'
import type { Outcome } from './chaos-api.ts'
import type { KeptContainer } from './chaos-model.ts'

const MIB = 1 << 20

export class ContainerWork {
  readonly actor: ChaosActor

  constructor(actor: ChaosActor) {
    this.actor = actor
  }

  async create(): Promise<void> {
    const [key, random] = [this.actor.fresh('c'), this.actor.random]
    const volumes = [...this.actor.model.volumes.keys()]
    const networks = [...this.actor.model.networks]
    const volume = random.chance(0.5) && volumes.length > 0 ? random.pick(volumes) : undefined
    const network = random.chance(0.5) && networks.length > 0 ? random.pick(networks) : undefined
    const outcome = await this.actor.api.try(
      post(
        '/containers/create',
        { name: key },
        {
          ...{ Image: 'busybox', Cmd: ['sleep', '1000000'], Labels: { key } },
          HostConfig: {
            Binds: [...(volume ? [`${volume}:/kept`] : []), ...(random.chance(0.3) ? ['/anonymous'] : [])],
            ...(random.chance(0.3) && { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } }),
            ...(random.chance(0.2) && { IpcMode: 'shareable' }),
            ...(network && { NetworkMode: network }),
            Memory: 32 * MIB,
          },
        },
      ),
    )
    const made = await this.actor.api.container(key)
    if (!(await this.actor.happened(outcome, async () => made !== undefined))) return
    this.actor.model.containers.set(key, {
      ...{
        key,
        id: made!.Id,
        name: key,
        state: 'created',
        memory: 32 * MIB,
        files: new Map(),
        volume,
        home: network,
      },
      networks: new Set(network ? [network] : []),
    })
  }

  /** @param then the states that it may be found in when the connection ended, beside the one it was in; the first when not */
  async change(
    container: KeptContainer,
    action: string,
    then: [ContainerStateName, ...ContainerStateName[]],
    query: EngineRequest['query'] = {},
  ): Promise<void> {
    const outcome = await this.actor.api.try(post(`/containers/${container.id}/${action}`, query))
    if (outcome) container.state = then[0]
    else await this.#settle(container, then)
  }

  async #settle(container: KeptContainer, allowed: ContainerStateName[]): Promise<void> {
    const found = (await this.actor.api.container(container.id))?.State.Status
    if (found === undefined || ![container.state, ...allowed].includes(found))
      throw new Error(`${container.key} was ${container.state}, may be ${allowed.join()}, and is ${found}`)
    container.state = found
  }

  async exec(container: KeptContainer): Promise<void> {
    const [name, content] = [this.actor.fresh('f'), this.actor.fresh('text')]
    const path = `${container.volume ? '/kept' : '/tmp'}/${name}`
    const Cmd = ['sh', '-c', `echo -n ${content} > ${path}`]
    const created = await this.actor.api.try(
      post(`/containers/${container.id}/exec`, {}, { Cmd, AttachStdout: true }),
    )
    if (!created) return
    const { Id } = JSON.parse(created.text) as { Id: string }
    const ended = await this.actor.api.try(post(`/exec/${Id}/start`, {}, {}))
    // An exec goes with the engine that started it.
    const exec = ended && (await this.actor.api.look<{ ExitCode: number | null }>(`/exec/${Id}/json`))
    if (exec?.ExitCode === 0) this.#written(container, path, content)
  }

  #written(container: KeptContainer, path: string, content: string): void {
    if (path.startsWith('/kept/'))
      this.actor.model.volumes.get(container.volume!)!.set(path.slice(6), content)
    else container.files.set(path, content)
  }

  async put(container: KeptContainer): Promise<void> {
    const [name, content] = [this.actor.fresh('f'), this.actor.fresh('text')]
    const path = `${container.volume && this.actor.random.chance(0.5) ? '/kept' : '/tmp'}/${name}`
    if (await this.actor.api.put(container.id, path, content)) this.#written(container, path, content)
  }

  async rename(container: KeptContainer): Promise<void> {
    const name = this.actor.fresh('c')
    const outcome = await this.actor.api.try(post(`/containers/${container.id}/rename`, { name }))
    const now = async () => (await this.actor.api.container(container.id))!.Name.slice(1)
    if (await this.actor.happened(outcome, async () => (await now()) === name)) container.name = name
  }

  async update(container: KeptContainer): Promise<void> {
    const memory = (32 + this.actor.random.below(32)) * MIB
    const json = { Memory: memory, MemorySwap: 2 * memory }
    const outcome = await this.actor.api.try(post(`/containers/${container.id}/update`, {}, json))
    const now = async () => (await this.actor.api.container(container.id))!.HostConfig.Memory
    if (await this.actor.happened(outcome, async () => (await now()) === memory)) container.memory = memory
  }

  async remove(container: KeptContainer, force: boolean): Promise<void> {
    const outcome = await this.actor.api.try(remove(`/containers/${container.id}`, { force, v: true }))
    const gone = async () => (await this.actor.api.container(container.id)) === undefined
    if (await this.actor.happened(outcome, gone)) this.actor.model.containers.delete(container.key)
    else await this.#settle(container, ['exited'])
  }

  async connect(container: KeptContainer, network: string): Promise<void> {
    const has = container.networks.has(network)
    const call = has ? 'disconnect' : 'connect'
    const outcome = await this.actor.api.try(
      post(`/networks/${network}/${call}`, {}, { Container: container.id }),
    )
    const isNow = async () =>
      network in ((await this.actor.api.container(container.id))!.NetworkSettings.Networks ?? {}) !== has
    if (!(await this.actor.happened(outcome, isNow))) return
    if (has) container.networks.delete(network)
    else container.networks.add(network)
  }

  /** @param keepTag what becomes of the image's name */
  async commit(
    container: KeptContainer,
    keepTag: (tag: string, outcome: Outcome) => Promise<void>,
  ): Promise<void> {
    const repo = this.actor.fresh('t')
    const outcome = await this.actor.api.try(post('/commit', { container: container.id, repo }, {}))
    await keepTag(repo, outcome)
    // A container that stood still for it goes on, whatever became of the commit.
    if (!outcome) await this.#settle(container, [])
  }
}

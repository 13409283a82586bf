/**
 * One of several clients at work on objects of its own. What is acknowledged goes into its model; after a request whose
 * connection ended it looks what became of it, which must be one of two things: all of it or nothing.
 */
import type { ContainerStateName } from '../../../guest/protocol/container-states.ts'
import type { EngineRequest } from '../../../guest/protocol/engine-transport.ts'
import type { ChaosApi, Outcome } from './chaos-api.ts'
import { ChaosModel, type KeptContainer } from './chaos-model.ts'
import type { Random } from './random.ts'

const MIB = 1 << 20
/** As many as a guest of 256 MiB holds of three clients. */
const MOST = { containers: 5, volumes: 3, networks: 2, tags: 4 }

const post = (path: string, query: EngineRequest['query'] = {}, json?: unknown): EngineRequest => ({
  ...{ method: 'POST', path, query },
  ...(json !== undefined && { body: { json } }),
})
const remove = (path: string, query: EngineRequest['query'] = {}): EngineRequest => ({
  ...{ method: 'DELETE', path, query },
})

type Operation = () => Promise<void>

export class ChaosClient {
  readonly model = new ChaosModel()
  readonly name: string
  readonly #api: ChaosApi
  readonly #random: Random
  #count = 0

  constructor(name: string, api: ChaosApi, random: Random) {
    this.name = name
    this.#api = api
    this.#random = random
  }

  #new(what: string): string {
    return `${this.name}-${what}${this.#count++}`
  }

  /** One request or what belongs together, chosen by chance among what the client's objects allow. */
  async operate(): Promise<void> {
    await this.#random.pick(this.#possible())()
  }

  #possible(): Operation[] {
    const { model } = this
    const [containers, idle] = [[...model.containers.values()], model.containersIn('created', 'exited')]
    const [running, paused] = [model.containersIn('running'), model.containersIn('paused')]
    const some = <Item>(items: readonly Item[], run: (item: Item) => Promise<void>, weight = 1) =>
      items.length === 0 ? [] : Array<Operation>(weight).fill(() => run(this.#random.pick(items)))
    const few = (size: number, limit: number, run: Operation) => (size < limit ? [run, run] : [])
    return [
      ...few(containers.length, MOST.containers, () => this.#createContainer()),
      ...few(model.volumes.size, MOST.volumes, () => this.#createVolume()),
      ...few(model.networks.size, MOST.networks, () => this.#createNetwork()),
      ...few(model.tags.size, MOST.tags, () => this.#tag()),
      ...(model.tags.size < MOST.tags ? [() => this.#build()] : []),
      ...some(idle, (one) => this.#change(one, 'start', ['running']), 3),
      ...some(running, (one) => this.#change(one, 'stop', ['exited'], { t: 0 })),
      ...some(running, (one) => this.#change(one, 'kill', ['exited'])),
      ...some(running, (one) => this.#change(one, 'restart', ['running', 'exited'], { t: 0 })),
      ...some(running, (one) => this.#change(one, 'pause', ['paused'])),
      ...some(paused, (one) => this.#change(one, 'unpause', ['running'])),
      ...some(running, (one) => this.#exec(one), 2),
      ...some(containers, (one) => this.#put(one), 2),
      ...some(containers, (one) => this.#rename(one)),
      ...some(containers, (one) => this.#update(one)),
      ...some(idle, (one) => this.#removeContainer(one, false)),
      ...some(containers, (one) => this.#removeContainer(one, true)),
      ...(model.tags.size < MOST.tags ? some(containers, (one) => this.#commit(one)) : []),
      ...some([...model.tags.keys()], (tag) => this.#untag(tag)),
      ...some(
        this.#free(model.volumes.keys(), (name) => model.isVolumeUsed(name)),
        (name) => this.#removeVolume(name),
      ),
      ...some(
        this.#free(model.networks, (name) => model.isNetworkUsed(name)),
        (name) => this.#removeNetwork(name),
      ),
      ...this.#connections(),
      () => this.#pull(),
    ]
  }

  #free(names: Iterable<string>, isUsed: (name: string) => boolean): string[] {
    return [...names].filter((name) => !isUsed(name))
  }

  #connections(): Operation[] {
    const networks = [...this.model.networks]
    return this.model
      .containersIn('running', 'created', 'exited')
      .flatMap((one) => networks.map((network) => () => this.#connect(one, network)))
      .slice(0, 2)
  }

  /** `outcome`, or when it is in doubt whether `done` is what one finds now. */
  async #happened(outcome: Outcome, done: () => Promise<boolean>): Promise<boolean> {
    return outcome === undefined ? done() : true
  }

  async #createContainer(): Promise<void> {
    const [key, random] = [this.#new('c'), this.#random]
    const volumes = [...this.model.volumes.keys()]
    const networks = [...this.model.networks]
    const volume = random.chance(0.5) && volumes.length > 0 ? random.pick(volumes) : undefined
    const network = random.chance(0.5) && networks.length > 0 ? random.pick(networks) : undefined
    const outcome = await this.#api.try(
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
    const made = await this.#api.container(key)
    if (!(await this.#happened(outcome, async () => made !== undefined))) return
    this.model.containers.set(key, {
      ...{ key, id: made!.Id, name: key, state: 'created', memory: 32 * MIB, files: new Map(), volume },
      networks: new Set(network ? [network] : []),
    })
  }

  /** @param then the states that it may be found in when the connection ended, beside the one it was in; the first when not */
  async #change(
    container: KeptContainer,
    action: string,
    then: [ContainerStateName, ...ContainerStateName[]],
    query: EngineRequest['query'] = {},
  ): Promise<void> {
    const outcome = await this.#api.try(post(`/containers/${container.id}/${action}`, query))
    if (outcome) container.state = then[0]
    else await this.#settle(container, then)
  }

  async #settle(container: KeptContainer, allowed: ContainerStateName[]): Promise<void> {
    const found = (await this.#api.container(container.id))?.State.Status
    if (found === undefined || ![container.state, ...allowed].includes(found))
      throw new Error(`${container.key} was ${container.state}, may be ${allowed.join()}, and is ${found}`)
    container.state = found
  }

  async #exec(container: KeptContainer): Promise<void> {
    const [name, content] = [this.#new('f'), this.#new('text')]
    const path = `${container.volume ? '/kept' : '/tmp'}/${name}`
    const Cmd = ['sh', '-c', `echo -n ${content} > ${path}`]
    const created = await this.#api.try(
      post(`/containers/${container.id}/exec`, {}, { Cmd, AttachStdout: true }),
    )
    if (!created) return
    const { Id } = JSON.parse(created.text) as { Id: string }
    const ended = await this.#api.try(post(`/exec/${Id}/start`, {}, {}))
    // An exec goes with the engine that started it.
    const exec = ended && (await this.#api.look<{ ExitCode: number | null }>(`/exec/${Id}/json`))
    if (exec?.ExitCode === 0) this.#written(container, path, content)
  }

  #written(container: KeptContainer, path: string, content: string): void {
    if (path.startsWith('/kept/')) this.model.volumes.get(container.volume!)!.set(path.slice(6), content)
    else container.files.set(path, content)
  }

  async #put(container: KeptContainer): Promise<void> {
    const [name, content] = [this.#new('f'), this.#new('text')]
    const path = `${container.volume && this.#random.chance(0.5) ? '/kept' : '/tmp'}/${name}`
    if (await this.#api.put(container.id, path, content)) this.#written(container, path, content)
  }

  async #rename(container: KeptContainer): Promise<void> {
    const name = this.#new('c')
    const outcome = await this.#api.try(post(`/containers/${container.id}/rename`, { name }))
    const now = async () => (await this.#api.container(container.id))!.Name.slice(1)
    if (await this.#happened(outcome, async () => (await now()) === name)) container.name = name
  }

  async #update(container: KeptContainer): Promise<void> {
    const memory = (32 + this.#random.below(32)) * MIB
    const json = { Memory: memory, MemorySwap: 2 * memory }
    const outcome = await this.#api.try(post(`/containers/${container.id}/update`, {}, json))
    const now = async () => (await this.#api.container(container.id))!.HostConfig.Memory
    if (await this.#happened(outcome, async () => (await now()) === memory)) container.memory = memory
  }

  async #removeContainer(container: KeptContainer, force: boolean): Promise<void> {
    const outcome = await this.#api.try(remove(`/containers/${container.id}`, { force, v: true }))
    const gone = async () => (await this.#api.container(container.id)) === undefined
    if (await this.#happened(outcome, gone)) this.model.containers.delete(container.key)
    else await this.#settle(container, ['exited'])
  }

  async #connect(container: KeptContainer, network: string): Promise<void> {
    const has = container.networks.has(network)
    const call = has ? 'disconnect' : 'connect'
    const outcome = await this.#api.try(post(`/networks/${network}/${call}`, {}, { Container: container.id }))
    const isNow = async () =>
      network in ((await this.#api.container(container.id))!.NetworkSettings.Networks ?? {}) !== has
    if (!(await this.#happened(outcome, isNow))) return
    if (has) container.networks.delete(network)
    else container.networks.add(network)
  }

  async #createVolume(): Promise<void> {
    const name = this.#new('v')
    const outcome = await this.#api.try(post('/volumes/create', {}, { Name: name, Labels: { key: name } }))
    const there = async () => (await this.#api.look(`/volumes/${name}`)) !== undefined
    if (await this.#happened(outcome, there)) this.model.volumes.set(name, new Map())
  }

  async #removeVolume(name: string): Promise<void> {
    const outcome = await this.#api.try(remove(`/volumes/${name}`))
    const gone = async () => (await this.#api.look(`/volumes/${name}`)) === undefined
    if (await this.#happened(outcome, gone)) this.model.volumes.delete(name)
  }

  async #createNetwork(): Promise<void> {
    const name = this.#new('n')
    const outcome = await this.#api.try(post('/networks/create', {}, { Name: name }))
    const there = async () => (await this.#api.look(`/networks/${name}`)) !== undefined
    if (await this.#happened(outcome, there)) this.model.networks.add(name)
  }

  async #removeNetwork(name: string): Promise<void> {
    const outcome = await this.#api.try(remove(`/networks/${name}`))
    const gone = async () => (await this.#api.look(`/networks/${name}`)) === undefined
    if (await this.#happened(outcome, gone)) this.model.networks.delete(name)
  }

  async #keepTag(tag: string, outcome: Outcome): Promise<void> {
    const image = await this.#api.look<{ Id: string }>(`/images/${tag}/json`)
    if (await this.#happened(outcome, async () => image !== undefined)) this.model.tags.set(tag, image!.Id)
  }

  async #tag(): Promise<void> {
    const repo = this.#new('t')
    await this.#keepTag(repo, await this.#api.try(post('/images/busybox/tag', { repo, tag: 'latest' })))
  }

  async #untag(tag: string): Promise<void> {
    const outcome = await this.#api.try(remove(`/images/${tag}`))
    const gone = async () => (await this.#api.look(`/images/${tag}/json`)) === undefined
    if (await this.#happened(outcome, gone)) this.model.tags.delete(tag)
  }

  async #commit(container: KeptContainer): Promise<void> {
    const repo = this.#new('t')
    const outcome = await this.#api.try(post('/commit', { container: container.id, repo }, {}))
    await this.#keepTag(repo, outcome)
    // A container that stood still for it goes on, whatever became of the commit.
    if (!outcome) await this.#settle(container, [])
  }

  async #build(): Promise<void> {
    const tag = this.#new('t')
    await this.#keepTag(tag, await this.#api.build(tag, this.#new('text')))
  }

  async #pull(): Promise<void> {
    await this.#api.try(post('/images/create', { fromImage: 'hello-world', tag: 'latest' }))
  }
}

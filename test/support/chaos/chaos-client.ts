/** One of several clients at work on objects of its own, doing by chance what these allow. */
import { ChaosActor } from './chaos-actor.ts'
import type { ChaosApi } from './chaos-api.ts'
import type { ChaosModel } from './chaos-model.ts'
import { ContainerWork } from './container-work.ts'
import { ObjectWork } from './object-work.ts'
import type { Random } from './random.ts'

/** As many as a guest of 256 MiB holds of three clients. */
const MOST = { containers: 5, volumes: 3, networks: 2, tags: 4 }

type Operation = () => Promise<void>

export class ChaosClient {
  readonly #actor: ChaosActor
  readonly #containers: ContainerWork
  readonly #objects: ObjectWork

  constructor(name: string, api: ChaosApi, random: Random) {
    this.#actor = new ChaosActor(name, api, random)
    this.#containers = new ContainerWork(this.#actor)
    this.#objects = new ObjectWork(this.#actor)
  }

  get model(): ChaosModel {
    return this.#actor.model
  }

  /** One request, or a few that belong together. */
  async operate(): Promise<void> {
    await this.#actor.random.pick(this.#possible())()
  }

  #possible(): Operation[] {
    const { model } = this.#actor
    const [work, objects] = [this.#containers, this.#objects]
    const [containers, idle] = [[...model.containers.values()], model.containersIn('created', 'exited')]
    const [running, paused] = [model.containersIn('running'), model.containersIn('paused')]
    const some = <Item>(items: readonly Item[], run: (item: Item) => Promise<void>, weight = 1) =>
      items.length === 0 ? [] : Array<Operation>(weight).fill(() => run(this.#actor.random.pick(items)))
    const few = (size: number, limit: number, run: Operation) => (size < limit ? [run, run] : [])
    return [
      ...few(containers.length, MOST.containers, () => work.create()),
      ...few(model.volumes.size, MOST.volumes, () => objects.createVolume()),
      ...few(model.networks.size, MOST.networks, () => objects.createNetwork()),
      ...few(model.tags.size, MOST.tags, () => objects.tag()),
      ...(model.tags.size < MOST.tags ? [() => objects.build()] : []),
      ...some(idle, (one) => work.change(one, 'start', ['running']), 3),
      ...some(running, (one) => work.change(one, 'stop', ['exited'], { t: 0 })),
      ...some(running, (one) => work.change(one, 'kill', ['exited'])),
      ...some(running, (one) => work.change(one, 'restart', ['running', 'exited'], { t: 0 })),
      ...some(running, (one) => work.change(one, 'pause', ['paused'])),
      ...some(paused, (one) => work.change(one, 'unpause', ['running'])),
      ...some(running, (one) => work.exec(one), 2),
      ...some(containers, (one) => work.put(one), 2),
      ...some(containers, (one) => work.rename(one)),
      ...some(containers, (one) => work.update(one)),
      ...some(idle, (one) => work.remove(one, false)),
      ...some(containers, (one) => work.remove(one, true)),
      ...(model.tags.size < MOST.tags
        ? some(containers, (one) => work.commit(one, (...made) => objects.keepTag(...made)))
        : []),
      ...some([...model.tags.keys()], (tag) => objects.untag(tag)),
      ...some(
        this.#free(model.volumes.keys(), (name) => model.isVolumeUsed(name)),
        (name) => objects.removeVolume(name),
      ),
      ...some(
        this.#free(model.networks, (name) => model.isNetworkUsed(name)),
        (name) => objects.removeNetwork(name),
      ),
      ...this.#connections(),
      () => objects.pull(),
    ]
  }

  #free(names: Iterable<string>, isUsed: (name: string) => boolean): string[] {
    return [...names].filter((name) => !isUsed(name))
  }

  #connections(): Operation[] {
    const networks = [...this.#actor.model.networks]
    return this.#actor.model
      .containersIn('running', 'created', 'exited')
      .flatMap((one) =>
        networks
          .filter((network) => network !== one.home)
          .map((network) => () => this.#containers.connect(one, network)),
      )
      .slice(0, 2)
  }
}

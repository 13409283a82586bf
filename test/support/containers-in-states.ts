/** Brings real containers into each of Docker's seven states by what leads there in life, and holds them there. */
import { expect } from 'vitest'
import type { ContainerStateName } from '../../guest/protocol/states/container-states.ts'
import type { ContainerCreateRequest, ContainerInspect } from '../../guest/protocol/api/engine-api.ts'
import { deferred } from '../../guest/protocol/wire/deferred.ts'
import type { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { execProcess } from '../../web/src/client/exec-process.ts'
import { putArchive, type Named } from './container-requests.ts'
import { ask, call } from './engine-answers.ts'
import { makeTar } from './make-tar.ts'

const CONTAINERS = '/var/lib/docker/containers'
/** Containers whose restarts are put off: one for all that leaves it so, and one for each action that does not. */
const RESTARTING = 6
/** Milliseconds of back-off that must be left for a request and a look at what it did. */
const ENOUGH = 15_000

export class ContainersInStates {
  readonly #machine: HeadlessMachine
  readonly #restarting: Named[] = []
  #names = 0
  #held: Named | undefined
  #goOn: (() => Promise<void>) | undefined

  constructor(machine: HeadlessMachine) {
    this.#machine = machine
  }

  get #transport() {
    return this.#machine.transport
  }

  /** Begins what takes long: the back-off between restarts doubles from a tenth of a second. */
  async prepare(): Promise<void> {
    const failing = ['sh', '-c', 'test -e /tmp/stay && exec sleep 1000000; exit 1']
    const policy = { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } } as const
    for (let count = 0; count < RESTARTING; count++) {
      const container = await this.#create({ Cmd: failing, HostConfig: policy })
      await this.#post(container, 'start')
      this.#restarting.push(container)
    }
  }

  async inspect({ id }: Named): Promise<ContainerInspect | undefined> {
    const { status, text } = await ask(this.#transport, { method: 'GET', path: `/containers/${id}/json` })
    return status === 404 ? undefined : (JSON.parse(text) as ContainerInspect)
  }

  async stateOf(container: Named): Promise<ContainerStateName | 'gone'> {
    return (await this.inspect(container))?.State.Status ?? 'gone'
  }

  /** A container that is in that state. */
  async bring(state: ContainerStateName): Promise<Named> {
    const container = await this.#ways[state]()
    const { id } = container
    expect(await this.stateOf(container)).toBe(state)
    return { id, name: (await this.inspect(container))!.Name.slice(1) }
  }

  readonly #ways: Record<ContainerStateName, () => Promise<Named>> = {
    created: () => this.#create(),
    running: () => this.#running(),
    paused: async () => this.#post(await this.#running(), 'pause'),
    exited: async () => this.#post(await this.#running(), 'kill'),
    restarting: () => this.#backingOff(),
    removing: () => this.#heldUp(),
    dead: () => this.#irremovable(),
  }

  async #create(request: ContainerCreateRequest = {}): Promise<Named> {
    const name = `in-state-${this.#names++}`
    const json = { Image: 'busybox', Cmd: ['sleep', '1000000'], ...request }
    const made = await call<{ Id: string }>(this.#transport, {
      method: 'POST',
      path: '/containers/create',
      query: { name },
      body: { json },
    })
    return { id: made.Id, name }
  }

  async #post(container: Named, action: string): Promise<Named> {
    await call(this.#transport, { method: 'POST', path: `/containers/${container.id}/${action}` })
    return container
  }

  async #running(): Promise<Named> {
    return this.#post(await this.#create(), 'start')
  }

  /** One that has just failed again, and will not be started for some seconds. */
  async #backingOff(): Promise<Named> {
    const container = this.#restarting.shift()!
    const left = async () => {
      const { State, RestartCount } = (await this.inspect(container))!
      const backOff = Math.min(100 * 2 ** (RestartCount - 1), 60_000)
      return State.Restarting ? Date.parse(State.FinishedAt) + backOff - Date.now() : 0
    }
    await expect.poll(left, { interval: 500, timeout: 200_000 }).toBeGreaterThan(ENOUGH)
    // A restart that is asked for is to last.
    const tar = makeTar([{ name: 'stay', content: '' }])
    const answer = await ask(this.#transport, putArchive(container.name, '/tmp', tar))
    expect(answer.status).toBe(200)
    return container
  }

  /** Its memory for IPC is to be unmounted by the launcher, which is stopped. `goOn` lets it go on. */
  async #heldUp(): Promise<Named> {
    return (this.#held ??= await this.#holdUp())
  }

  async #holdUp(): Promise<Named> {
    const container = await this.#create({ HostConfig: { IpcMode: 'shareable' } })
    await this.#post(container, 'start')
    await this.#post(container, 'kill')
    const goOn = await this.#stopLauncher()
    const removed = ask(this.#transport, { method: 'DELETE', path: `/containers/${container.id}` })
    this.#goOn = async () => {
      await goOn()
      expect(await removed).toEqual({ status: 204, text: '' })
    }
    await expect.poll(() => this.stateOf(container)).toBe('removing')
    return container
  }

  /** Ends what holds a removal up. */
  async goOn(): Promise<void> {
    await this.#goOn?.()
  }

  /** Stops it and its link, by a shell that was there before: without them there is no new one. */
  async #stopLauncher(): Promise<() => Promise<void>> {
    const [stopped, wanted] = [deferred<void>(), deferred<void>()]
    const processes = `$(pgrep -o -f 'launcher serve') $(pgrep -x launcher-link)`
    const script = `p="${processes}"; kill -STOP $p; echo; read x; kill -CONT $p`
    async function* input() {
      await wanted.promise
      yield new TextEncoder().encode('\n')
    }
    const output = () => Promise.resolve(stopped.resolve())
    const ended = execProcess(this.#transport, ['/bin/sh', '-c', script], output, { stdin: input() })
    await Promise.race([stopped.promise, ended])
    return async () => {
      wanted.resolve()
      expect(await ended).toBe(0)
    }
  }

  /** Its removal has failed: one of its files cannot be removed by anybody, as chattr(1) makes it. */
  async #irremovable(): Promise<Named> {
    const container = await this.#post(await this.#running(), 'kill')
    await this.setImmutable(container, true)
    const answer = await ask(this.#transport, { method: 'DELETE', path: `/containers/${container.name}` })
    const path = `${CONTAINERS}/${container.id}/hold`
    expect(answer).toEqual({
      status: 500,
      text: `cannot remove container "${container.name}": unable to remove filesystem: unlinkat ${path}: operation not permitted`,
    })
    return container
  }

  /** ioctl_iflags(2): FS_IOC_SETFLAGS as a 32-bit program knows it, FS_IMMUTABLE_FL. */
  async setImmutable({ id }: Named, immutable: boolean): Promise<void> {
    const program = `open F, "<", "/c/hold" or die $!; my $f = pack "L", ${immutable ? 16 : 0}; ioctl F, 0x40046602, $f or die $!`
    const { code, stderr } = await this.#machine.exec(
      `test -e ${CONTAINERS}/${id}/hold || touch ${CONTAINERS}/${id}/hold; docker run --rm --privileged -v ${CONTAINERS}/${id}:/c debian perl -e '${program}'`,
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
  }
}

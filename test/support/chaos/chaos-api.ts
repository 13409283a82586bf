/** The engine as a client in a chaos sees it: a request is acknowledged, or its connection ends and nobody knows. */
import type { ContainerInspect } from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EngineRequest } from '../../../guest/protocol/api/engine-transport.ts'
import type { HeadlessMachine } from '../../../scripts/lib/machine/headless-machine.ts'
import { ask, type Answer } from '../engine-answers.ts'
import { makeTar } from '../make-tar.ts'
import { putArchive } from '../container-requests.ts'

/** Undefined: the connection ended before the whole answer was there. */
export type Outcome = Answer | undefined

export class ChaosApi {
  readonly #machine: HeadlessMachine
  /** The last requests and what became of them. */
  readonly log: string[] = []

  constructor(machine: HeadlessMachine) {
    this.#machine = machine
  }

  /** Once. A refusal throws: clients ask only for what their own objects allow. */
  async try(request: EngineRequest): Promise<Outcome> {
    const line = `${request.method} ${request.path} ${JSON.stringify(request.query ?? {})}`
    try {
      const answer = await ask(this.#machine.transport, request)
      this.log.push(`${line} → ${answer.status}`)
      const failed = answer.status >= 400 || answer.text.includes('"errorDetail"')
      if (failed) throw new Error(`${line}: ${answer.status} ${answer.text}`)
      return answer
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'unavailable')) throw error
      this.log.push(`${line} → in doubt`)
      return undefined
    }
  }

  /** Until there is an answer: for questions, which may be asked again. */
  async look<Value>(path: string): Promise<Value | undefined> {
    for (;;) {
      try {
        const { status, text } = await ask(this.#machine.transport, { method: 'GET', path })
        if (status === 404) return undefined
        if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
        return JSON.parse(text) as Value
      } catch (error) {
        if (!(error instanceof EngineError && error.code === 'unavailable')) throw error
      }
    }
  }

  container(reference: string): Promise<ContainerInspect | undefined> {
    return this.look(`/containers/${reference}/json`)
  }

  put(container: string, path: string, content: string): Promise<Outcome> {
    const at = path.lastIndexOf('/')
    const tar = makeTar([{ name: path.slice(at + 1), content }])
    return this.try(putArchive(container, path.slice(0, at) || '/', tar))
  }

  /** Of a Dockerfile with a copy and a container's step. */
  build(tag: string, content: string): Promise<Outcome> {
    const Dockerfile = 'FROM busybox\nCOPY given /given\nRUN cp /given /made\n'
    const context = makeTar([
      { name: 'Dockerfile', content: Dockerfile },
      { name: 'given', content },
    ])
    const body = { bytes: once(context), contentType: 'application/x-tar' }
    return this.try({ method: 'POST', path: '/build', query: { t: tag }, body })
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

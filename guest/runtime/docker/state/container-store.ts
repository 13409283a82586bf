/** Keeps all containers, by id and name, and their records on disk. */
import { EngineError } from '../../../protocol/errors.ts'
import { parseTime } from '../../host/clock.ts'
import type { Files } from '../../host/files/files.ts'
import { Container } from './container.ts'
import type { ContainerLink, ContainerRecord } from './container-record.ts'
import { readRecord, recordText, type FieldsOf } from '../../host/files/record-files.ts'

export const NAME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** Makes `web` or `/web` into `/web`. Throws `invalid` in Docker's words. */
export function checkedName(name: string): string {
  const plain = name.replace(/^\//, '')
  if (!NAME_PATTERN.test(plain))
    throw new EngineError(
      'invalid',
      `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    )
  return `/${plain}`
}

const FIELDS = {
  id: 'string',
  name: 'string',
  created: 'string',
  path: 'string',
  args: 'array',
  image: 'string',
  layers: 'array',
  config: 'object',
  hostConfig: 'object',
  endpoints: 'object',
  mounts: 'array',
  imageMounts: 'object?',
  links: 'array?',
  state: 'object',
  restartCount: 'number',
  manuallyStopped: 'boolean',
} as const satisfies FieldsOf<ContainerRecord>

/**
 * A container's time of creation as a number: texts of times do not sort as times do, as trailing zeros of the fraction
 * are left out.
 */
const createdAt = ({ record }: Container): bigint => parseTime(record.created) ?? 0n

export class ContainerStore {
  readonly #files: Files
  readonly #root: string
  readonly #byId = new Map<string, Container>()
  /** Ids by name with slash, also of names that a creation has reserved. */
  readonly #names = new Map<string, string>()

  constructor(files: Files, root: string) {
    this.#files = files
    this.#root = root
  }

  directory(id: string): string {
    return `${this.#root}/${id}`
  }

  /** All containers, newest first, as Docker lists them; of those of one moment the one that was added last comes first. */
  all(): Container[] {
    const newestFirst = (a: Container, b: Container) => Number(createdAt(b) - createdAt(a))
    return [...this.#byId.values()].reverse().sort(newestFirst)
  }

  byId(id: string): Container | undefined {
    return this.#byId.get(id)
  }

  /** Finds the link `/own/alias`, and the container that has it. */
  findLink(name: string): { parent: Container; link: ContainerLink } | undefined {
    const [, parentName = '', alias] = /^(\/[^/]+)\/(.+)$/.exec(name) ?? []
    const parent = this.#byId.get(this.#names.get(parentName) ?? '')
    const link = parent?.record.links?.find((one) => one.alias === alias)
    return parent && link && { parent, link }
  }

  /** The container's own name and those that links give it, in byte order, as Docker lists them. */
  namesOf({ record }: Container): string[] {
    const linked = [...this.#byId.values()].flatMap(({ record: { name, links = [] } }) =>
      links.filter(({ id }) => id === record.id).map(({ alias }) => `${name}/${alias}`),
    )
    return [record.name, ...linked].sort((a, b) => (a < b ? -1 : 1))
  }

  /** Finds a container by full id, name, a link's name, then an unambiguous id prefix. */
  find(reference: string): Container {
    if (reference === '') throw new EngineError('invalid', 'invalid name or ID supplied: ""')
    const own = this.#byId.get(reference)
    if (own) return own
    const name = reference.startsWith('/') ? reference : `/${reference}`
    const named = this.#names.get(name) ?? this.findLink(name)?.link.id
    const exact = named === undefined ? undefined : this.#byId.get(named)
    if (exact) return exact
    const matches = [...this.#byId.values()].filter(({ id }) => id.startsWith(reference))
    if (matches.length > 1)
      throw new EngineError('invalid', `multiple IDs found with provided prefix: ${reference}`)
    if (!matches[0]) throw new EngineError('not-found', `No such container: ${reference}`, { reference })
    return matches[0]
  }

  reserveName(name: string, id: string): void {
    const holder = this.#names.get(name)
    if (holder !== undefined && holder !== id)
      throw new EngineError(
        'conflict',
        `Conflict. The container name "${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
        { name, holder },
      )
    this.#names.set(name, id)
  }

  /** Names that are taken, with slash, also by a creation that has only reserved its name. */
  get names(): string[] {
    return [...this.#names.keys()]
  }

  isNameFree(name: string): boolean {
    return !this.#names.has(name)
  }

  releaseName(name: string, id: string): void {
    if (this.#names.get(name) === id) this.#names.delete(name)
  }

  /** Adds a container and writes its record; it can be found only once that succeeded. */
  async add(container: Container): Promise<void> {
    await this.#files.makeDirectory(this.directory(container.id), 0o710)
    await this.save(container)
    this.#byId.set(container.id, container)
  }

  async save(container: Container): Promise<void> {
    const path = `${this.directory(container.id)}/config.json`
    await this.#files.writeAtomically(path, recordText(container.record), 0o600)
  }

  async remove(container: Container): Promise<void> {
    await this.#files.removeTree(this.directory(container.id))
    this.#byId.delete(container.id)
    this.releaseName(container.record.name, container.id)
  }

  /**
   * Reads every record after a start of the engine. A directory without a record is left of a creation that was never
   * acknowledged, and is removed. A record that cannot be read is reported; its directory stays, for somebody to look
   * at.
   */
  async load(report: (what: string, error: unknown) => void): Promise<void> {
    await this.#files.makeDirectory(this.#root, 0o710)
    for (const id of await this.#files.list(this.#root)) {
      try {
        await this.#load(id)
      } catch (error) {
        report(`container ${id}`, error)
      }
    }
  }

  async #load(id: string): Promise<void> {
    const path = `${this.directory(id)}/config.json`
    if (!(await this.#files.exists(path))) return this.#files.removeTree(this.directory(id))
    const record = await readRecord<ContainerRecord>(this.#files, path, FIELDS)
    if (record.id !== id) {
      throw new EngineError('corrupt', `the record ${path} is that of container ${record.id}; remove it`, {
        path,
      })
    }
    this.#byId.set(id, new Container(record))
    this.#names.set(record.name, id)
  }
}

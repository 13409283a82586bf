/** Prints a project as `docker compose config` does. */
import { inFieldOrder } from './decode-service.ts'
import { goJsonIndented } from './yaml/print-json.ts'
import { goYamlText } from './yaml/print-yaml.ts'
import type { Project } from './project.ts'
import { byText, isDict, sortedKeys, type Dict } from './yaml/tree.ts'
import type { FileObject, Service } from './types.ts'

const isEmptyDict = (value: unknown): boolean => isDict(value) && Object.keys(value).length === 0

/** The kinds of resources of which the project has any, in the order of the struct. */
function resources({ networks, volumes, secrets, configs }: Project): [string, Dict][] {
  const withoutContent = (all: Record<string, FileObject>, hide: (object: FileObject) => boolean): Dict =>
    Object.fromEntries(
      Object.entries(all).map(([name, object]) => {
        const { content: _, ...rest } = object
        return [name, hide(object) ? rest : object]
      }),
    )
  const sections: [string, Dict][] = [
    ['networks', networks as unknown as Dict],
    ['volumes', volumes as unknown as Dict],
    ['secrets', withoutContent(secrets, () => true)],
    ['configs', withoutContent(configs, ({ environment }) => environment !== undefined)],
  ]
  return sections.filter(([, section]) => Object.keys(section).length > 0)
}

const services = (project: Project): Dict =>
  Object.fromEntries(
    sortedKeys(project.services as unknown as Dict).map((name) => [
      name,
      inFieldOrder(project.services[name]!),
    ]),
  )

export function projectJson(project: Project, extensions: Dict): string {
  const { name } = project
  const sections = Object.fromEntries([
    ['name', name],
    ['services', services(project)],
    ...resources(project),
    ...Object.entries(extensions).map(([key, value]) => [key, sortedTree(value)]),
  ]) as Dict
  const sorted = Object.fromEntries(sortedKeys(sections).map((key) => [key, sections[key]]))
  return goJsonIndented(sorted)
}

/** Sorts the keys of untyped values, as Go prints maps. */
export function sortedTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedTree)
  if (!isDict(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort(byText)
      .map((key) => [key, sortedTree(value[key])]),
  )
}

/** YAML leaves out empty structs, and commands that aren't given. */
function yamlService(service: Service): Dict {
  const copy: Dict = { ...inFieldOrder(service) }
  for (const key of ['command', 'entrypoint']) if (copy[key] === null) delete copy[key]
  if (isDict(copy.deploy)) {
    const deploy: Dict = { ...copy.deploy }
    for (const key of ['resources', 'placement']) if (isEmptyDict(deploy[key])) delete deploy[key]
    copy.deploy = deploy
  }
  if (isDict(copy.develop)) copy.develop = withoutEmptyHooks(copy.develop)
  if (isDict(copy.blkio_config)) copy.blkio_config = lowerKeys(copy.blkio_config)
  return copy
}

/** A hook that isn't given is an empty struct. */
function withoutEmptyHooks({ watch = [], ...rest }: Dict): Dict {
  const kept = (watch as Dict[]).map(({ exec, ...trigger }) =>
    isDict(exec) && exec.command === null && Object.keys(exec).length === 1 ? trigger : { ...trigger, exec },
  )
  return { watch: kept, ...rest }
}

function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys)
  if (!isDict(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), lowerKeys(item)]))
}

export function projectYaml(project: Project, extensions: Dict): string {
  const all = services(project) as unknown as Record<string, Service>
  const sections: [string, unknown][] = [
    ['name', project.name],
    [
      'services',
      Object.fromEntries(Object.entries(all).map(([name, service]) => [name, yamlService(service)])),
    ],
    ...resources(project).map(([key, section]): [string, unknown] => [
      key,
      key === 'networks' ? withoutEmptyIpam(section) : section,
    ]),
    ...Object.entries(extensions),
  ]
  return goYamlText(Object.fromEntries(sections), 'struct')
}

const withoutEmptyIpam = (networks: Dict): Dict =>
  Object.fromEntries(
    Object.entries(networks).map(([name, network]) => {
      const { ipam, ...rest } = network as Dict
      return [name, isEmptyDict(ipam) ? rest : network]
    }),
  )

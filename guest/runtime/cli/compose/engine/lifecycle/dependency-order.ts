/** Visits services in the order of their dependencies, as many at once as that order allows. */
import type { Service } from '../../model/types.ts'

type Services = Readonly<Record<string, Pick<Service, 'depends_on'>>>

export interface Order {
  /** Visits dependents before what they depend on, as stopping needs. */
  reverse?: boolean
}

/**
 * The visit of a service begins when those before it have ended; after the first failure no visit that depends on it
 * begins.
 */
export async function inDependencyOrder(
  services: Services,
  visit: (name: string) => Promise<void>,
  { reverse = false }: Order = {},
): Promise<void> {
  const names = Object.keys(services)
  const dependenciesOf = (name: string): string[] =>
    Object.keys(services[name]!.depends_on ?? {}).filter((other) => other in services)
  const before = (name: string): string[] =>
    reverse ? names.filter((other) => dependenciesOf(other).includes(name)) : dependenciesOf(name)
  const visits = new Map<string, Promise<void>>()
  const started = (name: string): Promise<void> => {
    const known = visits.get(name)
    if (known !== undefined) return known
    const visiting = Promise.all(before(name).map(started)).then(() => visit(name))
    visits.set(name, visiting)
    return visiting
  }
  await allOrFirstFailure(names.map(started))
}

/** Waits for all tasks, then fails with the failure that came first. */
export async function allOrFirstFailure<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  let failure: { error: unknown } | undefined
  await Promise.all(
    tasks.map((task) =>
      task.catch((error: unknown) => {
        failure ??= { error }
      }),
    ),
  )
  if (failure !== undefined) throw failure.error
  return Promise.all(tasks)
}

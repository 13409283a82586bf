/** Which containers are taken. */
import { COMPOSE_LABEL } from './compose-labels.ts'

/** Containers that run (or are paused), or all of a compose project, whatever their state. */
export type Selection = { kind: 'running' } | { kind: 'project'; name: string }

/** What `docker compose run` started is left out: it was for once. */
export function isChosen(labels: Record<string, string>, selection: Selection): boolean {
  if (labels[COMPOSE_LABEL.oneOff] === 'True') return false
  return selection.kind === 'running' || labels[COMPOSE_LABEL.project] === selection.name
}

/**
 * What Docker's API lacks, under `/porthole/…`: the same handlers, transports and error bodies as the rest.
 *
 * - `POST /porthole/exec` (ExecCreateRequest → IdResponse): a process of the guest itself, as root. Then
 *   `/exec/{id}/start`, `/resize`, `/json` as usual. Default Cmd: a login shell.
 * - `GET /porthole/namespaces` → NamespacesReport
 * - `GET /porthole/containers/{id}/timeline` → ContainerTimeline
 * - `GET /porthole/volumes` → KeptVolumes, a line at once and one at each change; `POST /porthole/volumes/save` → KeptVolumes,
 *   once all that had changed is kept or could not be.
 * - `GET /porthole/catalogue` → CatalogueEntry[]
 * - `GET /porthole/ports` → PublishedPort[]; changes come as `start`, `die`, `connect` and `disconnect` events.
 */
export const NAMESPACE_KINDS = ['mnt', 'uts', 'ipc', 'pid', 'net', 'user', 'cgroup', 'time'] as const
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number]

export interface NamespaceMember {
  /** `guest` is PID 1, `engine` this process, `container` a running container's first process. */
  kind: 'guest' | 'engine' | 'container'
  /** Container id; empty otherwise. */
  id: string
  name: string
  pid: number
  /** Inode numbers of /proc/<pid>/ns/<kind>: equal numbers are the same namespace. */
  namespaces: Record<NamespaceKind, number>
}

export interface NamespacesReport {
  members: NamespaceMember[]
}

export interface TimelineStep {
  role: 'shim' | 'init'
  step: number
  op: string
  /** The syscall's result, or -errno. */
  result: number
  nanoseconds: number
  /** The plan's step itself: its fields depend on `op` (guest/runtime/plan/plan.ts). Absent after an engine restart. */
  plan?: Record<string, unknown>
}

export interface ContainerTimeline {
  id: string
  steps: TimelineStep[]
}

export interface CatalogueEntry {
  reference: string
  /** Bytes to fetch. */
  size: number
}

export interface PublishedPort {
  containerId: string
  containerName: string
  protocol: string
  /** Port in the container. */
  privatePort: number
  /** Port of the guest. */
  publicPort: number
  hostIp: string
}

/**
 * A header of `GET /containers/{id}/logs` by which a client says that it wants the text alone: lines of one stream that
 * follow each other share a frame, where Docker has a frame for each.
 */
export const SHARED_FRAMES = { name: 'porthole-frames', value: 'shared' } as const

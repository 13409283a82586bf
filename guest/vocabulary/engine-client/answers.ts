/**
 * What the engine answers, by method and path: guest/protocol/api has the shapes, and the engine's contract suite checks
 * them. A call that is not listed does not compile.
 */
import type { Digest, ManifestInspect } from '../../protocol/api/content.ts'
import type {
  CatalogueEntry,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerPruneResponse,
  ContainerStats,
  ContainerSummary,
  ContainerTimeline,
  ContainerTop,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  EngineEvent,
  ExecInspect,
  FilesystemChange,
  IdResponse,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResponse,
  ImageSearchItem,
  ImageSummary,
  JsonProgress,
  KeptVolumes,
  NamespacesReport,
  NetworkCreateResponse,
  NetworkInspect,
  NetworkPruneResponse,
  SystemDiskUsage,
  SystemInfo,
  SystemVersion,
  VolumeInspect,
  VolumeListResponse,
  VolumePruneResponse,
} from '../../protocol/api/engine-api.ts'

/** Answers that are one JSON value. */
export interface JsonAnswers {
  'GET /containers/json': ContainerSummary[]
  'POST /containers/create': ContainerCreateResponse
  'POST /containers/prune': ContainerPruneResponse
  [inspect: `GET /containers/${string}/json`]: ContainerInspect
  [top: `GET /containers/${string}/top`]: ContainerTop
  /** Null when nothing changed. */
  [changes: `GET /containers/${string}/changes`]: FilesystemChange[] | null
  [wait: `POST /containers/${string}/wait`]: ContainerWaitResponse
  [update: `POST /containers/${string}/update`]: ContainerUpdateResponse
  [exec: `POST /containers/${string}/exec`]: IdResponse
  'POST /commit': IdResponse
  [exec: `GET /exec/${string}/json`]: ExecInspect

  'GET /images/json': ImageSummary[]
  'GET /images/search': ImageSearchItem[]
  'POST /images/prune': ImagePruneResponse
  [inspect: `GET /images/${string}/json`]: ImageInspect
  [history: `GET /images/${string}/history`]: ImageHistoryItem[]
  [remove: `DELETE /images/${string}`]: ImageDeleteItem[]
  'POST /build/prune': { CachesDeleted: string[] | null; SpaceReclaimed: number }

  'GET /networks': NetworkInspect[]
  'POST /networks/create': NetworkCreateResponse
  'POST /networks/prune': NetworkPruneResponse
  [inspect: `GET /networks/${string}`]: NetworkInspect

  'GET /volumes': VolumeListResponse
  'POST /volumes/create': VolumeInspect
  'POST /volumes/prune': VolumePruneResponse
  [inspect: `GET /volumes/${string}`]: VolumeInspect

  'GET /info': SystemInfo
  'GET /version': SystemVersion
  'GET /system/df': SystemDiskUsage
  'POST /auth': { Status: string; IdentityToken?: string }

  'GET /porthole/catalogue': CatalogueEntry[]
  'GET /porthole/namespaces': NamespacesReport
  'POST /porthole/exec': IdResponse
  'POST /porthole/volumes/save': KeptVolumes
  [timeline: `GET /porthole/containers/${string}/timeline`]: ContainerTimeline
  [manifest: `GET /porthole/manifests/${string}`]: ManifestInspect
  [manifest: `PUT /porthole/manifests/${string}`]: { digest: Digest }
  [mount: `POST /porthole/mounts/${string}`]: { mounted: boolean }
}

/** Answers that are JSON values, one a line, until the engine or the caller ends them. */
export interface StreamAnswers {
  'GET /events': EngineEvent
  [stats: `GET /containers/${string}/stats`]: ContainerStats
  'POST /build': JsonProgress
  'POST /images/create': JsonProgress
  'POST /images/load': JsonProgress
  [push: `POST /images/${string}/push`]: JsonProgress
  'GET /porthole/volumes': KeptVolumes
}

/** The paths that have an answer under a method. */
export type PathOf<Answers, Method extends string> = {
  [Call in keyof Answers]: Call extends `${Method} ${infer Path}` ? Path : never
}[keyof Answers]

/** The answer to a call. */
export type AnswerTo<
  Answers,
  Method extends string,
  Path extends string,
> = `${Method} ${Path}` extends keyof Answers ? Answers[`${Method} ${Path}`] : never

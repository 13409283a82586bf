/**
 * Each change of Docker's API with the first version that has it, as answers depend on the version that a client
 * speaks. Source: moby's docs/api/version-history.md, and `versions.LessThan` and its kin in api/server/router.
 */
import { API_VERSION } from '../../../protocol/api/engine-api.ts'

export const API_CHANGES = {
  /** `POST /containers/create` heeds AutoRemove. */
  'create-auto-remove': '1.25',
  'create-non-recursive-bind': '1.40',
  /** Without IpcMode the container gets a private namespace; before, a shareable one. */
  'create-private-ipc': '1.40',
  'create-platform': '1.41',
  'create-console-size': '1.42',
  'create-mountpoint': '1.42',
  /** Options of another type than the mount's are refused; before, they were ignored. */
  'create-mount-option-types': '1.42',
  'create-annotations': '1.43',
  'create-health-start-interval': '1.44',
  /** A read-only bind covers the mounts below its source. */
  'create-recursive-read-only': '1.44',
  'create-many-endpoints': '1.44',
  /** The MAC address belongs to an endpoint; before, to the container. */
  'create-endpoint-mac': '1.44',
  'create-volume-subpath': '1.45',
  'create-gateway-priority': '1.48',
  'create-image-mount': '1.48',
  'create-volume-driver-warning': '1.48',
  /** Sysctls of one interface belong to its endpoint. */
  'create-endpoint-sysctls': '1.48',
  'list-annotations': '1.46',
  /** An endpoint's Aliases are those that were asked for, without the short id and the host name. */
  'inspect-plain-aliases': '1.45',
  'stats-one-shot': '1.41',
  'stop-signal': '1.42',
  /** `POST /containers/x/wait` knows conditions, and sends its head at once. */
  'wait-condition': '1.30',
  'wait-removal-error': '1.34',
  'update-pids-limit': '1.40',
  /** The Content-Type of a stream tells when it consists of frames. */
  'multiplexed-type': '1.42',
  'exec-console-size': '1.42',
  'web-socket-binary': '1.28',
  /** `attach/ws` carries the streams that were asked for; before, all. */
  'web-socket-streams': '1.42',
  /** `GET /networks` leaves the containers out. */
  'network-list-short': '1.28',
  'network-enable-ipv4': '1.48',
  'pull-platform': '1.32',
  'build-platform': '1.32',
  /** A line of the stream has the image's id by itself. */
  'build-aux': '1.30',
  'build-prune-space': '1.48',
  /** `GET /images/json` ignores the parameter `filter`, which the filter `reference` replaces. */
  'image-list-no-filter': '1.41',
  'image-list-shared-size': '1.42',
  /** An image without a name has empty lists; before, `<none>:<none>`. */
  'image-list-no-none': '1.43',
  /** Containers says how many use the image; before, -1. */
  'image-list-containers': '1.51',
  'image-no-virtual-size': '1.44',
  'image-no-container': '1.45',
  'image-descriptor': '1.48',
  'image-inspect-manifests': '1.48',
  'image-inspect-platform': '1.49',
  'image-history-platform': '1.48',
  /** `GET /images/get` and `POST /images/load` know a platform. */
  'image-archive-platform': '1.48',
  'image-remove-platform': '1.50',
  'push-platform': '1.46',
  /** Empty parts of an image's Config are left out. */
  'image-config-omits-empty': '1.50',
  /** `POST /volumes/prune` keeps volumes with a name. */
  'volume-prune-anonymous': '1.42',
  /** A secret or config may name a template driver. */
  'swarm-templating': '1.37',
  'disk-usage-types': '1.42',
  'events-image-create': '1.46',
  /** `SecurityOptions` are key=value. */
  'info-security-options': '1.25',
  'info-registry-config-short': '1.47',
  'info-no-expected-commits': '1.49',
  'info-no-bridge-nf': '1.50',
  'info-firewall-backend': '1.49',
} as const satisfies Record<string, `1.${number}`>

export type ApiChange = keyof typeof API_CHANGES

/**
 * Compares two versions.
 * @returns a number below zero when `a` is older than `b`
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let part = 0; part < Math.max(left.length, right.length); part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether the client's version has the change. */
export function has({ version }: { version: string }, change: ApiChange): boolean {
  // The newest version has them all.
  return version === API_VERSION || compareVersions(version, API_CHANGES[change]) >= 0
}

/** Where things are in the guest; the machine side, the engine and the build scripts agree on these. */
export const GUEST_PATHS = {
  /** The engine bundle, the static launcher and its init live in the porthole tree. */
  engine: '/usr/lib/porthole/engine.cjs',
  /** V8's heap after the bundle's modules were evaluated: what init starts the engine from, if it is there. */
  engineSnapshot: '/usr/lib/porthole/engine.blob',
  launcher: '/usr/lib/porthole/launcher',
  dockerClient: '/usr/bin/docker',
  /** The Docker Engine API. /var/run is a link to /run. */
  dockerSocket: '/run/docker.sock',
  launcherSocket: '/run/porthole/launcher.sock',
  /** The thin docker client's socket: see cli-protocol.ts. */
  cliSocket: '/run/porthole/cli.sock',
  /** `<container or exec id>.sock`: where a shim can be reached again after an engine restart. */
  shimDir: '/run/porthole/shim',
  /** Image layers by hex diffId, read-only over 9P. */
  layersDir: '/run/porthole/layers',
  /** Blobs of the page's content store by digest, read-only over 9P. They are found by their names, not listed. */
  blobsDir: '/run/porthole/9p/blobs',
  /** Files that bytes for the page's content store are written to, over 9P: content.ts, `ingest`. */
  uploadsDir: '/run/porthole/uploads',
  /** Network namespaces kept by bind mounts. */
  netnsDir: '/run/porthole/netns',
  /** The engine's data root: a tmpfs of its own, because an overlay's upper directory cannot be on an overlay. */
  dataRoot: '/var/lib/docker',
  cgroupRoot: '/sys/fs/cgroup',
  /** Parent cgroup of containers, as Docker's cgroupfs driver has it. */
  containersCgroup: '/sys/fs/cgroup/docker',
  /** The channel to the page: port 1 of the virtio console, which is the machine's second virtio device (after 9P). */
  channelDevice: '/dev/vport1p1',
} as const

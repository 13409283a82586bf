/** Where this engine keeps things: the guest's paths, or the same below a directory of a developer's machine. */
import { GUEST_PATHS } from '../../protocol/paths.ts'

export interface EnginePaths {
  dataRoot: string
  containers: string
  /** `<id>/diff` is the upper, `<id>/work` the work directory of a container's overlay. */
  overlay: string
  layers: string
  /** Blobs of the content store by digest. */
  blobs: string
  uploads: string
  /** An empty directory: what is below a container without image layers. */
  emptyLayer: string
  /** What every container has above its image: docker/layer/init-layer.ts. */
  initLayer: string
  shims: string
  netns: string
  dockerSocket: string
  cliSocket: string
  launcherSocket: string
  cgroupRoot: string
  containersCgroup: string
  /** Where processes of the guest itself live: the page's terminals, and what runs without one. */
  shellsCgroup: string
  channelDevice: string
  launcher: string
  buildId: string
}

/** `root` comes before every path but the cgroup hierarchy's; empty in the guest. */
export function enginePaths(root = '', cgroupRoot: string = GUEST_PATHS.cgroupRoot): EnginePaths {
  const dataRoot = root + GUEST_PATHS.dataRoot
  return {
    dataRoot,
    containers: `${dataRoot}/containers`,
    overlay: `${dataRoot}/overlay2`,
    layers: root + GUEST_PATHS.layersDir,
    blobs: root + GUEST_PATHS.blobsDir,
    uploads: root + GUEST_PATHS.uploadsDir,
    emptyLayer: `${dataRoot}/empty`,
    initLayer: `${dataRoot}/init-layer`,
    shims: root + GUEST_PATHS.shimDir,
    netns: root + GUEST_PATHS.netnsDir,
    dockerSocket: root + GUEST_PATHS.dockerSocket,
    cliSocket: root + GUEST_PATHS.cliSocket,
    launcherSocket: root + GUEST_PATHS.launcherSocket,
    cgroupRoot,
    containersCgroup: `${cgroupRoot}/docker`,
    shellsCgroup: `${cgroupRoot}/shells`,
    channelDevice: root + GUEST_PATHS.channelDevice,
    launcher: root + GUEST_PATHS.launcher,
    buildId: `${root}/usr/lib/porthole/build-id`,
  }
}

/**
 * Makes a root of Debian's container programs inside the guest, from an image whose files are read through 9P as any
 * layer's are.
 */
import { GUEST_PATHS } from '../../guest/protocol/paths.ts'
import type { HeadlessMachine } from '../lib/machine/headless-machine.ts'
import { BENCH_IMAGE } from '../build-bench-image.ts'

const BENCH = `${GUEST_PATHS.dataRoot}/bench`

/** Each is a tmpfs of its own, because an overlay's upper directory cannot be on an overlay. */
const DATA_ROOTS = ['var/lib/docker', 'var/lib/containers', 'tmp', 'run']

/** Resolves with the root's path; it has the launcher's socket at the same place as the guest. */
export async function openPeerRoot(machine: HeadlessMachine): Promise<string> {
  await machine.output(`docker pull -q ${BENCH_IMAGE}`)
  const layer = await machine.output(`docker image inspect -f "{{index .RootFS.Layers 0}}" ${BENCH_IMAGE}`)
  const lower = `${GUEST_PATHS.layersDir}/${layer.slice(layer.indexOf(':') + 1)}`
  const root = `${BENCH}/root`
  await machine.output(`set -e
    mkdir -p ${BENCH} && cd ${BENCH} && mkdir upper work root
    mount -t overlay overlay -o lowerdir=${lower},upperdir=${BENCH}/upper,workdir=${BENCH}/work root
    cd root
    mount -t proc proc proc
    mount --rbind /sys sys
    mount --rbind /dev dev
    for folder in ${DATA_ROOTS.join(' ')}; do mkdir -p $folder; mount -t tmpfs tmpfs $folder; done
    mkdir -p run/porthole .${GUEST_PATHS.layersDir}
    mount --bind /run/porthole run/porthole
    mount --bind ${GUEST_PATHS.layersDir} .${GUEST_PATHS.layersDir}`)
  return root
}

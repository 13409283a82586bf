import { EngineError } from '../../guest/protocol/errors.ts'
import type { GuestConsole } from '../../web/src/vm/guest-console.ts'
import { runOnConsole } from './console-command.ts'

/**
 * Steps that leave the guest as little non-zero memory as it can do with; only that is saved:
 * - caches dropped, then the engine's mapped file pages reclaimed, which is most of it: they come back over 9P
 *   (memory.reclaim answers EAGAIN when it has done what it can, which is what is wanted)
 * - free memory written with zeros through a file that is then deleted, since freed pages keep their contents
 */
const SCRIPT = [
  'sync',
  'echo 3 > /proc/sys/vm/drop_caches',
  'echo 1G > /sys/fs/cgroup/engine/memory.reclaim 2>/dev/null',
  'echo 3 > /proc/sys/vm/drop_caches',
  'mkdir -p /run/zero && mount -t tmpfs -o size=100% tmpfs /run/zero',
  "busybox dd if=/dev/zero of=/run/zero/file bs=1M count=$(( $(busybox awk '/^MemAvailable/ {print $2}' /proc/meminfo) / 1024 - 8 )) 2>/dev/null",
  'umount /run/zero && rmdir /run/zero',
  'echo 3 > /proc/sys/vm/drop_caches',
].join('; ')

/** By the rescue shell, so that the engine is not woken again. */
export async function shrinkGuest(console: GuestConsole): Promise<void> {
  const { output, code } = await runOnConsole(console, SCRIPT)
  if (code !== 0)
    throw new EngineError('internal', `the guest could not be made small: ${output.trim()}`, { code })
}

/**
 * Leaves as little non-zero memory in the guest as its first commands need, because only that is saved. First
 * everything is dropped (`dropPages`), then the first commands run once more and bring back exactly the pages that they
 * touch, then free memory is made zero (`zeroFreeMemory`). So a restored guest fetches nothing over 9P for what people
 * do first.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { GuestConsole } from '../../../web/src/vm/guest-console.ts'
import { runOnConsole } from './console-command.ts'

const READ_AHEAD = '/sys/class/bdi/9p-*/read_ahead_kb'

/**
 * Drops caches, then reclaims the engine's mapped file pages, which are most of its memory (memory.reclaim answers
 * EAGAIN when it has done what it can, which suffices). From here on reads over 9P fetch what is asked for and nothing
 * ahead.
 */
const DROP_PAGES = [
  'sync',
  'echo 3 > /proc/sys/vm/drop_caches',
  'echo 1G > /sys/fs/cgroup/engine/memory.reclaim 2>/dev/null',
  'echo 3 > /proc/sys/vm/drop_caches',
  `for file in ${READ_AHEAD}; do echo 0 > $file; done`,
].join('; ')

/** Freed pages keep their contents, so a file of zeros fills all free memory, and only that, and is then deleted. */
const ZERO_FREE_MEMORY = [
  'mkdir -p /run/zero && mount -t tmpfs -o size=100% tmpfs /run/zero',
  "busybox dd if=/dev/zero of=/run/zero/file bs=1M count=$(( $(busybox awk '/^MemFree/ {print $2}' /proc/meminfo) / 1024 - 6 )) 2>/dev/null",
  'umount /run/zero && rmdir /run/zero',
  // 128 is the kernel's default.
  `for file in ${READ_AHEAD}; do echo 128 > $file; done`,
].join('; ')

export const dropPages = (console: GuestConsole): Promise<void> => script(console, DROP_PAGES)
export const zeroFreeMemory = (console: GuestConsole): Promise<void> => script(console, ZERO_FREE_MEMORY)

/** The rescue shell runs the script, because the engine must not wake again. */
async function script(console: GuestConsole, commands: string): Promise<void> {
  const { output, code } = await runOnConsole(console, commands)
  if (code !== 0)
    throw new EngineError('internal', `the guest could not be made small: ${output.trim()}`, { code })
}

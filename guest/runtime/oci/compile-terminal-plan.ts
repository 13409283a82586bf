/** A process of the guest itself, in no container: the page's terminals, and what runs without one. */
import type { TerminalOptions } from './compile-options.ts'
import { O } from '../plan/linux-constants.ts'
import { planIo, SLOT, type LaunchPlan } from '../plan/plan.ts'

export function compileTerminalPlan(options: TerminalOptions): LaunchPlan {
  const { columns, rows } = options.consoleSize ?? { columns: 80, rows: 24 }
  const terminal = options.terminal ?? true
  return {
    id: options.id,
    shim: [
      { op: 'clone', flags: 0n, cgroup: options.cgroupPath ?? '' },
      { op: 'await-exec' },
      { op: 'await-exit' },
    ],
    init: [
      { op: 'open', slot: SLOT.root, path: '/', flags: O.PATH | O.DIRECTORY },
      ...(terminal
        ? [{ op: 'open-pty', at: SLOT.root, path: '/dev/pts', columns, rows } as const]
        : [{ op: 'set-session' } as const, { op: 'stdio', at: SLOT.root } as const]),
      { op: 'chdir', path: options.cwd },
      { op: 'execute', argv: options.argv, env: options.env },
    ],
    io: planIo(terminal, { stdin: options.stdin ?? terminal, holdOutput: true }),
    socketPath: `${options.shimDir}/${options.id}.sock`,
    exitPath: `${options.shimDir}/${options.id}.exit`,
  }
}

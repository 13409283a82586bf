/** What the kernel, the guest's files and the page's store have: taken before and after, it shows what was left behind. */
import type { HeadlessMachine } from '../../../scripts/lib/machine/headless-machine.ts'
import type { KeyValueStore } from '../../../web/src/storage/key-value-store.ts'

/** Each prints lines; names that are new each time are made alike below. */
const SECTIONS = {
  mounts: `awk '{print $5}' /proc/1/mountinfo`,
  cgroups: 'find /sys/fs/cgroup -type d',
  // How many of each kind: their numbers are new each time, and those of namespaces that are kept ready, too.
  namespaces: `for p in /proc/[0-9]*; do [ -e $p/exe ] && readlink $p/ns/* 2>/dev/null; done | sort -u | sed 's/:.*//'`,
  links: `ip -o link | sed 's/^[0-9]*: //;s/[:@].*//'`,
  // This survey's own shell, its shim and what it runs are not counted.
  processes: `for p in /proc/[0-9]*; do readlink $p/exe >/dev/null 2>&1 && [ "$(cut -d' ' -f4 $p/stat 2>/dev/null)" != $$ ] && [ $p != /proc/$$ ] && [ $p != /proc/$PPID ] && tr '\\0' ' ' < $p/cmdline && echo; done`,
  firewall: 'nft list ruleset',
  files: `find /var/lib/docker /run/porthole -path /run/porthole/9p -prune -o -path /run/porthole/layers -prune -o -path /run/porthole/uploads -prune -o -print`,
  temporary: 'find /tmp /run/netns 2>/dev/null',
} as const

export type Survey = Record<keyof typeof SECTIONS | 'store', string[]>

const MARK = '=== '

/** Ids, and what is derived from them. */
const anonymous = (line: string): string =>
  line
    .replace(/[0-9a-f]{64}/g, 'ID')
    .replace(/\bveth[0-9a-f]{7}\b/g, 'veth')
    .replace(/\/netns\/[0-9a-f]{12}/g, '/netns/ID')
    .replace(/# handle \d+/g, '')
    .trimEnd()

/** Of the page: all that is named, and how many blocks of bytes there are. */
async function storeKeys(store: KeyValueStore): Promise<string[]> {
  const kinds = ['blob/', 'layer/', 'lease/', 'ingest/', 'image/', 'ref/']
  const named = (await Promise.all(kinds.map((kind) => store.keys(kind)))).flat()
  return [...named.sort(), `${(await store.keys('data/')).length} blocks`]
}

export async function takeSurvey(machine: HeadlessMachine, store: KeyValueStore): Promise<Survey> {
  const script = Object.entries(SECTIONS)
    .map(([name, command]) => `echo '${MARK}${name}'; ${command}`)
    .join('\n')
  const { stdout } = await machine.exec(script)
  const sections = stdout.split(MARK).slice(1)
  const lines = sections.map((section) => {
    const [name, ...rest] = section.trimEnd().split('\n')
    return [name, rest.map(anonymous).sort()]
  })
  return { ...Object.fromEntries(lines), store: await storeKeys(store) } as Survey
}

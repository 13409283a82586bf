/**
 * What commands need that the page's machine does not have, as far as their words tell. A block is shown with its button
 * all the same: a person may have loaded the image, or know better.
 */
import type { Reason } from '../format/unsupported.ts'

/** Characters of a block: more is shown than a lesson's block may have. */
const MAX_LOOKED_AT = 16_000

const words = (text: string): string[] => text.split(' ')

const PROGRAMS: Readonly<Record<string, Reason>> = {
  ...reasons(
    'internet',
    'apt apt-get aptitude apk yum dnf brew snap pip pip3 pipx npm npx yarn pnpm git gh wget ssh scp rsync ping6 nslookup dig cargo gem',
  ),
  ...reasons(
    'program',
    'podman buildah skopeo nerdctl crictl ctr cosign trivy syft grype dive java javac mvn gradle psql mysql mongosh redis-cli go rustc make gcc ruby php dotnet python python3 vim emacs systemctl service journalctl sudo terraform ansible ab hey siege sbx cagent claude',
  ),
  ...reasons('cluster', 'kubectl kubeadm helm kind k3d minikube k9s istioctl k3s'),
  ...reasons('editor', 'code code-server theia'),
}

/** Commands of docker that need more than this engine, or a way out. */
const DOCKER: Readonly<Record<string, Reason>> = {
  ...reasons(
    'program',
    'buildx scout model mcp offload sandbox desktop extension init ai debug swarm service stack node secret config plugin checkpoint cloud pass',
  ),
  ...reasons('internet', 'login search push'),
}

function reasons(reason: Reason, names: string): Record<string, Reason> {
  return Object.fromEntries(words(names).map((name) => [name, reason]))
}

/** Options of docker run that take a value as a word of its own. */
const VALUED =
  /^(?:-[a-z]*[pveuwlhmc]|--(?:name|publish|volume|env|user|workdir|network|net|mount|label|memory|cpus|hostname|entrypoint|env-file|restart|platform|add-host|dns|pids-limit|cap-add|cap-drop|security-opt|tmpfs|ulimit|log-driver|log-opt|pull|ip|link|pid|ipc|runtime|shm-size|stop-signal|volumes-from|expose|device|cgroupns|cgroup-parent|cpu-shares|cpuset-cpus|memory-swap|network-alias|health-cmd|health-interval|health-timeout|health-retries))$/

export interface Need {
  /** The command, or the file and its image. */
  what: string
  reason: Reason
  /** The image that is not at hand. */
  image?: string
  /** The command makes images of files: it needs what these need, and gives the images their names. */
  makes?: { of: 'dockerfile' | 'compose'; tags: string[] }
}

/** Tells whether an image is at hand. */
export type IsAtHand = (reference: string) => boolean

/** The commands of a script, each on one line, as far as they are looked at. */
export function commandsIn(script: string): string[] {
  const joined = script.slice(0, MAX_LOOKED_AT).replace(/\\\n/g, ' ')
  return joined
    .split(/\n|&&|\|\||[;|]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** The words of a command, without what stands before its program. */
export function wordsOf(command: string): string[] {
  const all = command
    .replace(/^\$\s+/, '')
    .split(/\s+/)
    .filter((word) => word !== '')
  const begin = all.findIndex((word) => !/^(?:[A-Za-z_]\w*=.*|exec|time|then|do|else|if|while|!)$/.test(word))
  return begin < 0 ? [] : all.slice(begin)
}

/** What a command needs; undefined for one that needs nothing more than there is. */
export function needOf(command: string, isAtHand: IsAtHand): Need | undefined {
  const [program, ...rest] = wordsOf(command)
  if (program === undefined || program.startsWith('#')) return undefined
  if (program === 'docker') return needOfDocker(command, rest, isAtHand)
  if (program === 'curl' || program === 'ping')
    return reachesOut(rest) ? { what: command, reason: 'internet' } : undefined
  const reason = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined
  return reason === undefined ? undefined : { what: command, reason }
}

const reachesOut = (rest: readonly string[]): boolean =>
  rest.some(
    (word) =>
      /^["']?(?:https?:\/\/)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[/:"']|$)/i.test(word) &&
      !/^["']?(?:https?:\/\/)?(?:127\.|localhost|registry\.local)/.test(word),
  )

function needOfDocker(command: string, given: readonly string[], isAtHand: IsAtHand): Need | undefined {
  const rest = given[0] === 'container' || given[0] === 'image' ? given.slice(1) : given
  const [verb, ...more] = rest
  if (verb === undefined) return undefined
  if (verb === 'compose' && more.some((word) => word === 'watch' || word === '--watch'))
    return { what: command, reason: 'program' }
  if (verb === 'build')
    return { what: command, reason: 'image', makes: { of: 'dockerfile', tags: tagsOf(more) } }
  if (verb === 'compose' && more.some((word) => COMPOSE_STARTS.has(word)))
    return { what: command, reason: 'image', makes: { of: 'compose', tags: [] } }
  if (STARTS.has(verb) || verb === 'exec') return needOfStart(command, verb, more, isAtHand)
  if (verb === 'push' && more.some((word) => word.startsWith('registry.local'))) return undefined
  const reason = Object.hasOwn(DOCKER, verb) ? DOCKER[verb] : undefined
  return reason === undefined ? undefined : { what: command, reason }
}

const STARTS = new Set(['run', 'create', 'pull'])

/** A container's program may need the internet; which other programs its image has, nobody knows here. */
function needOfStart(
  command: string,
  verb: string,
  more: readonly string[],
  isAtHand: IsAtHand,
): Need | undefined {
  const at = firstPlainWord(more)
  const image = more[at]
  if (image === undefined) return undefined
  if (verb !== 'exec' && !isAtHand(image)) return { what: command, reason: 'image', image }
  const program = more[at + 1] ?? ''
  const reachesOut = Object.hasOwn(PROGRAMS, program) && PROGRAMS[program] === 'internet'
  return reachesOut ? { what: command, reason: 'internet' } : undefined
}

const COMPOSE_STARTS = new Set(['up', 'build', 'create', 'run', 'pull'])

const tagsOf = (rest: readonly string[]): string[] =>
  rest.flatMap((word, at) => {
    if (word === '-t' || word === '--tag') return rest[at + 1] ?? []
    return /^(?:-t|--tag)=(.+)$/.exec(word)?.[1] ?? []
  })

/** The position of the first word that is no option and no option's value; the number of words when there is none. */
export function firstPlainWord(rest: readonly string[]): number {
  for (let at = 0; at < rest.length; at++) {
    if (!rest[at]!.startsWith('-')) return at
    if (VALUED.test(rest[at]!)) at++
  }
  return rest.length
}

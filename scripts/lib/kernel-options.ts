/** One line of a fragment of Kconfig answers, the kernel's or busybox's; an option set to `n` must be absent from the result. */
export interface KernelOption {
  name: string
  value: string
  /** The comment on the lines above it. */
  reason: string
}

/** Parses a fragment in which each option stands below its reason; a blank line or heading (`##`) ends a reason. */
export function parseFragment(text: string): KernelOption[] {
  const options: KernelOption[] = []
  let reason: string[] = []
  for (const line of text.split('\n')) {
    const option = /^(CONFIG_\w+)=(.*)$/.exec(line)
    if (option !== null) {
      options.push({ name: option[1]!, value: option[2]!, reason: reason.join(' ') })
      reason = []
    } else if (/^# /.test(line)) {
      reason.push(line.slice(2))
    } else {
      reason = []
    }
  }
  return options
}

/**
 * Compares a fragment with the kernel's final configuration: a sentence for each option that has another value there.
 * Kconfig silently drops options with unmet dependencies, and forces selected ones.
 */
export function droppedOptions(fragment: KernelOption[], config: string): string[] {
  const final = new Map(parseFragment(config).map(({ name, value }) => [name, value]))
  return fragment
    .filter(({ name, value }) => (final.get(name) ?? 'n') !== value)
    .map(({ name, value }) => `${name} is ${final.get(name) ?? 'n'}, not ${value}`)
}

/** Replaces a configuration's answers with the fragment's; `make oldconfig` then settles what depends on them. */
export function withOptions(config: string, fragment: KernelOption[]): string {
  const answered = new Set(fragment.map(({ name }) => name))
  const kept = config.split('\n').filter((line) => {
    const name = /^(?:# )?(CONFIG_\w+)(?:=| is not set$)/.exec(line)?.[1]
    return name === undefined || !answered.has(name)
  })
  const answers = fragment.map(({ name, value }) =>
    value === 'n' ? `# ${name} is not set` : `${name}=${value}`,
  )
  return `${[...kept.join('\n').trimEnd().split('\n'), ...answers].join('\n')}\n`
}

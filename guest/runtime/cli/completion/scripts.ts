/** `docker completion bash|zsh|fish`: scripts that ask `docker __complete`. */
import { CliError } from '../shared/cli-error.ts'
import type { CliSession } from '../shared/session.ts'

const BASH = `# bash completion for docker                               -*- shell-script -*-

__docker_complete() {
    local cur="\${COMP_WORDS[COMP_CWORD]}" line directive=0 IFS=$' \\t\\n'
    # A word ends at the cursor; what stands behind it is not part of it.
    local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
    # bash takes "=" and ":" for words of their own: joined again, they are what docker sees.
    local joined=() word glue=0
    for word in "\${words[@]}"; do
        if [[ ($word == ":" || $word == "=") && \${#joined[@]} -gt 0 ]]; then
            joined[-1]+=$word
            glue=1
        elif ((glue)); then
            joined[-1]+=$word
            glue=0
        else
            joined+=("$word")
        fi
    done
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == :[0-9]* ]]; then
            directive=\${line#:}
        elif [[ -n $line ]]; then
            COMPREPLY+=("$line")
        fi
    done < <(docker __completeNoDesc "\${joined[@]}" 2>/dev/null)
    # Only what follows the last "=" or ":" is replaced by bash.
    local whole="\${joined[-1]}" start
    start="\${whole%"$cur"}"
    [[ $cur == ":" || $cur == "=" ]] && start=$whole
    if [[ $whole == -*=* ]]; then start=\${start#*=}; fi
    if [[ -n $start ]]; then COMPREPLY=("\${COMPREPLY[@]#"$start"}"); fi
    if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
    if ((directive & 4)); then
        compopt +o default 2>/dev/null
    elif ((\${#COMPREPLY[@]} == 0)); then
        compopt -o default 2>/dev/null
    fi
}

complete -o default -F __docker_complete docker
`

const ZSH = `#compdef docker
compdef _docker docker

# zsh completion for docker                                -*- shell-script -*-

_docker() {
    local line directive=0
    local -a completions
    for line in "\${(@f)$(docker __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ $line == :[0-9]* ]]; then
            directive=\${line#:}
        elif [[ -n $line ]]; then
            # The name and its description are parted by a colon here.
            line=\${line//:/\\\\:}
            completions+=("\${line/$'\\t'/:}")
        fi
    done
    if (( \${#completions} )); then
        if (( directive & 2 )); then _describe -V docker completions -S ''; else _describe -V docker completions; fi
    elif (( ! (directive & 4) )); then
        _files
    fi
}

if [ "$funcstack[1]" = "_docker" ]; then
    _docker
fi
`

const FISH = `# fish completion for docker                               -*- shell-script -*-

function __docker_completions
    set -l words (commandline -opc)
    set -e words[1]
    set -l lines (docker __complete $words (commandline -ct) 2>/dev/null)
    set -g __docker_directive 0
    for line in $lines
        if string match -qr '^:[0-9]+$' -- $line
            set -g __docker_directive (string sub -s 2 -- $line)
        else if test -n "$line"
            printf '%s\\n' $line
        end
    end
end

function __docker_takes_files
    __docker_completions >/dev/null
    test (math "bitand($__docker_directive, 4)") -eq 0
end

complete -c docker -e
complete -c docker -n 'not __docker_takes_files' -f
complete -c docker -a '(__docker_completions)'
`

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH }

/** @throws CliError for a shell that there is no script for */
export async function printScript(session: CliSession, argv: readonly string[]): Promise<number> {
  const [shell] = argv
  const script = shell === undefined ? undefined : SCRIPTS[shell]
  if (script === undefined) {
    throw new CliError(
      `docker: 'docker completion' requires one of ${Object.keys(SCRIPTS).join(', ')}\n\nUsage:  docker completion COMMAND`,
    )
  }
  await session.stdout.write(script)
  return 0
}

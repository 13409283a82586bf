/** Flags of `docker system …`, and of the commands that exist only at the top level. Words are Docker's (CLI 26.1). */
import { flagTables, type TypesOfAll } from '../../shared/flag-spec.ts'
import { FORMAT_USAGE, INSPECT_FORMAT_USAGE } from './usage-texts.ts'

export const SYSTEM_FLAGS = flagTables({
  df: [
    { name: 'format', type: 'string', usage: FORMAT_USAGE },
    { name: 'verbose', short: 'v', type: 'bool', usage: 'Show detailed information on space usage' },
  ],
  events: [
    { name: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
    { name: 'format', type: 'string', usage: INSPECT_FORMAT_USAGE },
    { name: 'since', type: 'string', usage: 'Show all events created since timestamp' },
    { name: 'until', type: 'string', usage: 'Stream events until this timestamp' },
  ],
  info: [{ name: 'format', short: 'f', type: 'string', usage: INSPECT_FORMAT_USAGE }],
  prune: [
    { name: 'all', short: 'a', type: 'bool', usage: 'Remove all unused images not just dangling ones' },
    { name: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "label=<key>=<value>")' },
    { name: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
    { name: 'volumes', type: 'bool', usage: 'Prune anonymous volumes' },
  ],
  inspect: [
    { name: 'format', short: 'f', type: 'string', usage: INSPECT_FORMAT_USAGE },
    { name: 'size', short: 's', type: 'bool', usage: 'Display total file sizes if the type is container' },
    { name: 'type', type: 'string', usage: 'Return JSON for specified type' },
  ],
  login: [
    { name: 'password', short: 'p', type: 'string', usage: 'Password' },
    {
      name: 'password-stdin',
      type: 'bool',
      usage: 'Take the password from stdin',
    },
    { name: 'username', short: 'u', type: 'string', usage: 'Username' },
  ],
  search: [
    { name: 'filter', short: 'f', type: 'filter', usage: 'Filter output based on conditions provided' },
    { name: 'format', type: 'string', usage: 'Pretty-print search using a Go template' },
    { name: 'limit', type: 'int', usage: 'Max number of search results' },
    { name: 'no-trunc', type: 'bool', usage: "Don't truncate output" },
  ],
  version: [{ name: 'format', short: 'f', type: 'string', usage: INSPECT_FORMAT_USAGE }],
})

export type SystemFlags = TypesOfAll<typeof SYSTEM_FLAGS>

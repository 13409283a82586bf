/** Usage texts that several commands share. */

/** Marks flags of Docker releases after 26.1: taken, but not in the help texts of that release. */
export const NEWER = { hidden: true } as const

/** Marks flags that an engine without experimental features does not have: hidden, and refused when given. */
export const EXPERIMENTAL = { hidden: true, experimental: true } as const

const REFER =
  'Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates'

export const FORMAT_USAGE = `Format output using a custom template:
'table':            Print output in table format with column headers (default)
'table TEMPLATE':   Print output in table format using the given Go template
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
${REFER}`

export const INSPECT_FORMAT_USAGE = `Format output using a custom template:
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
${REFER}`

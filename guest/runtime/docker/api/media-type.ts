/** Checks Content-Type headers as Go's mime.ParseMediaType and dockerd's httputils do. */
import { EngineError } from '../../../protocol/errors.ts'

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]"
const PARAMETERS = new RegExp(
  String.raw`^(?:\s*;\s*(?:${TOKEN}+\s*=\s*(?:${TOKEN}+|"(?:[^"\\]|\\.)*")\s*)?)*$`,
)

function malformation(mediaType: string, parameters: string): string | undefined {
  const [type = '', rest = ''] = split(mediaType)
  if (type === '') return 'mime: no media type'
  if (rest === '') return parameters === '' || PARAMETERS.test(parameters) ? undefined : INVALID_PARAMETER
  if (!rest.startsWith('/')) return 'mime: expected slash after first token'
  const [subtype = '', more = ''] = split(rest.slice(1))
  if (subtype === '') return 'mime: expected token after slash'
  if (more !== '') return 'mime: unexpected content after media subtype'
  return PARAMETERS.test(parameters) ? undefined : INVALID_PARAMETER
}

const INVALID_PARAMETER = 'mime: invalid media parameter'

function split(text: string): [token: string, rest: string] {
  const token = new RegExp(`^${TOKEN}*`).exec(text)![0]
  return [token, text.slice(token.length)]
}

/** Throws `invalid` unless the header names `expected`, with or without parameters. */
export function checkMediaType(header: string, expected: string): void {
  const at = header.indexOf(';')
  const mediaType = (at < 0 ? header : header.slice(0, at)).trim().toLowerCase()
  const why = malformation(mediaType, at < 0 ? '' : header.slice(at))
  if (why !== undefined) throw new EngineError('invalid', `malformed Content-Type header (${header}): ${why}`)
  if (mediaType !== expected)
    throw new EngineError('invalid', `unsupported Content-Type header (${header}): must be '${expected}'`)
}

/**
 * Splits a template by Go text/template's lexical rules: text outside `{{ }}`, trim markers, comments, and the tokens
 * of an action.
 */
import { TemplateError } from './ast.ts'

export type Token =
  | { kind: 'text'; text: string; offset: number }
  | { kind: 'open'; offset: number }
  | { kind: 'close'; offset: number }
  | { kind: 'space'; offset: number }
  | { kind: 'field'; text: string; offset: number }
  | { kind: 'variable'; text: string; offset: number }
  | { kind: 'word'; text: string; offset: number }
  | { kind: 'string'; value: string; text: string; offset: number }
  | { kind: 'number'; value: number; text: string; offset: number }
  | { kind: 'symbol'; text: '.' | '|' | '(' | ')' | ',' | '=' | ':='; offset: number }

export function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length
}

function fail(source: string, offset: number, message: string): never {
  throw new TemplateError(`template: :${lineOf(source, offset)}: ${message}`)
}

const TOKEN =
  /(?<space>[ \t\r\n]+)|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<variable>\$[\p{L}\p{N}_]*)|(?<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+))|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<raw>`[^`]*`)|(?<quoted>"(?:\\.|[^"\\\n])*")|(?<char>'(?:\\.|[^'\\\n])+')|(?<symbol>:=|[.|(),=])/uy

export function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  return text
    .slice(1, -1)
    .replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{3}|.)/gs, (_, escape: string) => {
      if (/^[ux]/.test(escape)) return String.fromCharCode(parseInt(escape.slice(1), 16))
      if (/^[0-7]{3}$/.test(escape)) return String.fromCharCode(parseInt(escape, 8))
      const simple: Record<string, string> = {
        n: '\n',
        t: '\t',
        r: '\r',
        a: '\x07',
        b: '\b',
        f: '\f',
        v: '\v',
      }
      return simple[escape] ?? escape
    })
}

/** @throws TemplateError */
export function lex(source: string): Token[] {
  const tokens: Token[] = []
  let offset = 0
  let trimLeft = false
  while (offset < source.length) {
    const open = source.indexOf('{{', offset)
    const end = open < 0 ? source.length : open
    const trimRight = open >= 0 && /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4))
    let text = source.slice(offset, end)
    if (trimLeft) text = text.replace(/^[ \t\r\n]+/, '')
    if (trimRight) text = text.replace(/[ \t\r\n]+$/, '')
    if (text !== '') tokens.push({ kind: 'text', text, offset })
    if (open < 0) break
    const inside = lexAction(source, open, open + (trimRight ? 3 : 2), tokens)
    offset = inside.offset
    trimLeft = inside.trims
  }
  return tokens
}

function lexAction(
  source: string,
  open: number,
  start: number,
  tokens: Token[],
): { offset: number; trims: boolean } {
  const comment = /[ \t\r\n]*\/\*[\s\S]*?\*\/([ \t\r\n]+-)?\}\}/y
  comment.lastIndex = start
  const found = comment.exec(source)
  if (found !== null) return { offset: comment.lastIndex, trims: found[1] !== undefined }
  tokens.push({ kind: 'open', offset: open })
  let offset = start
  for (;;) {
    const rest = /^([ \t\r\n]+-)?\}\}/.exec(source.slice(offset, offset + 64))
    if (rest !== null) {
      tokens.push({ kind: 'close', offset })
      return { offset: offset + rest[0].length, trims: rest[1] !== undefined }
    }
    if (offset >= source.length) fail(source, open, 'unclosed action')
    TOKEN.lastIndex = offset
    const match = TOKEN.exec(source)
    if (match === null) fail(source, offset, badCharacter(source, offset))
    tokens.push(tokenOf(match, offset))
    offset = TOKEN.lastIndex
  }
}

function badCharacter(source: string, offset: number): string {
  const char = String.fromCodePoint(source.codePointAt(offset)!)
  if (char === '"') return 'unterminated quoted string'
  if (char === '`') return 'unterminated raw quoted string'
  if (char === "'") return 'unterminated character constant'
  const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
  return `unexpected bad character U+${code} '${char}' in command`
}

function tokenOf(match: RegExpExecArray, offset: number): Token {
  const groups = match.groups!
  const text = match[0]
  if (groups.space !== undefined) return { kind: 'space', offset }
  if (groups.field !== undefined) return { kind: 'field', text, offset }
  if (groups.variable !== undefined) return { kind: 'variable', text, offset }
  if (groups.number !== undefined) return { kind: 'number', value: Number(text), text, offset }
  if (groups.word !== undefined) return { kind: 'word', text, offset }
  if (groups.char !== undefined) return { kind: 'number', value: unquote(text).codePointAt(0)!, text, offset }
  if (groups.symbol !== undefined) return { kind: 'symbol', text: text as '.', offset }
  return { kind: 'string', value: unquote(text), text, offset }
}

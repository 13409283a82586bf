import { describe, expect, it } from 'vitest'
import { TemplateError } from './ast.ts'
import { compileTemplate, executeTemplate } from './execute.ts'
import { fromApi } from './values.ts'

const DATA = fromApi({
  Name: 'web',
  Empty: '',
  Count: 3,
  On: true,
  Nothing: null,
  Env: ['A=1', 'B=2'],
  Labels: { zebra: '1', apple: '2' },
  State: { Status: 'running', Pid: 42 },
  Ports: { '80/tcp': [{ HostIp: '::', HostPort: '8080' }], '443/tcp': null },
})

const run = (source: string): string => executeTemplate(compileTemplate(source), DATA)

describe('a Go template', () => {
  it.each([
    ['plain', 'plain'],
    ['{{.Name}}!', 'web!'],
    ['{{ .State.Status }} {{.State.Pid}}', 'running 42'],
    ['{{.Env}} {{.Labels}} {{.State}}', '[A=1 B=2] map[apple:2 zebra:1] {running 42}'],
    ['{{.Nothing}} {{.On}}', '<no value> true'],
    ['a {{- .Name -}} b', 'awebb'],
    ['a {{/* comment */}}b{{- /* trims */ -}} c', 'a bc'],
    ['{{if .On}}yes{{else}}no{{end}}', 'yes'],
    ['{{if .Empty}}a{{else if eq .Count 3}}b{{else}}c{{end}}', 'b'],
    ['{{with .State}}{{.Pid}} {{$.Name}}{{end}}', '42 web'],
    ['{{with .Empty}}x{{else}}none{{end}}', 'none'],
    ['{{range .Env}}<{{.}}>{{end}}', '<A=1><B=2>'],
    ['{{range $i, $e := .Env}}{{$i}}:{{$e}} {{end}}', '0:A=1 1:B=2 '],
    ['{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}', 'apple=2;zebra=1;'],
    ['{{range .Nothing}}x{{else}}empty{{end}}', 'empty'],
    ['{{range .Env}}{{if eq . "B=2"}}{{break}}{{end}}{{.}}{{end}}', 'A=1'],
    ['{{range .Env}}{{if eq . "A=1"}}{{continue}}{{end}}{{.}}{{end}}', 'B=2'],
    ['{{$x := .Name}}{{$x = "y"}}{{$x}}', 'y'],
    ['{{(index (index .Ports "80/tcp") 0).HostPort}}', '8080'],
    ['{{index .Env 1}} {{len .Env}} {{len .Name}}', 'B=2 2 3'],
    ['{{.Name | upper | printf "%s-%d" "x" 1}}', 'x-1%!(EXTRA string=WEB)'],
    [
      '{{printf "%-5s|%5s|%q|%05d|%v|%%" .Name .Name .Name .Count .Env}}',
      'web  |  web|"web"|00003|[A=1 B=2]|%',
    ],
    ['{{printf "%d" .Name}}{{printf "%s"}}', '%!d(string=web)%!s(MISSING)'],
    ['{{json .Labels}} {{json .Env}} {{json .Nothing}}', '{"apple":"2","zebra":"1"} ["A=1","B=2"] null'],
    ['{{join .Env ","}} {{split "a/b" "/"}}', 'A=1,B=2 [a b]'],
    [
      '{{title "some words"}} {{lower "ABC"}} {{pad .Name 1 2}}| {{truncate .Name 2}}',
      'Some Words abc  web  | we',
    ],
    ['{{and .On .Name}} {{or .Empty .Name}} {{not .On}}', 'web web false'],
    ['{{eq .Name "a" "web"}} {{ne .Count 3}} {{lt .Count 4}} {{ge .Count 3}}', 'true false true true'],
    ['{{println .Name .Count}}', 'web 3\n'],
    ['{{print 1 2 "a" 3}} {{html "<&>"}} {{slice .Name 1 2}}', '1 2a3 &lt;&amp;&gt; e'],
    ['{{"quoted\\t\\"x\\""}} {{`raw`}} {{\'a\'}}', 'quoted\t"x" raw 97'],
    ['{{define "t"}}[{{.}}]{{end}}{{template "t" .Name}}', '[web]'],
    ['{{.State.ID}}x', undefined],
  ])('%s', (source, output) => {
    if (output === undefined) expect(() => run(source)).toThrow(TemplateError)
    else expect(run(source)).toBe(output)
  })

  it.each([
    ['{{.Name', 'template: :1: unclosed action'],
    ['\n{{nofunc .Name}}', 'template: :2: function "nofunc" not defined'],
    ['{{$x}}', 'template: :1: undefined variable "$x"'],
    ['{{if .On}}', 'template: :1: unexpected EOF'],
    ['{{end}}', 'template: :1: unexpected {{end}}'],
    ['{{break}}', 'template: :1: {{break}} outside {{range}}'],
    ['{{"open}}', 'template: :1: unterminated quoted string'],
  ])('refuses %j when parsed', (source, message) => {
    expect(() => compileTemplate(source)).toThrow(new TemplateError(message))
  })

  it.each([
    ['{{.Nope}}', 'template: :1:2: executing "" at <.Nope>: map has no entry for key "Nope"'],
    [
      'a\n b{{.State.Nope}}',
      'template: :2:10: executing "" at <.State.Nope>: map has no entry for key "Nope"',
    ],
    [
      '{{.Name.Foo}}',
      'template: :1:7: executing "" at <.Name.Foo>: can\'t evaluate field Foo in type string',
    ],
    [
      '{{index .Env 9}}',
      'template: :1:2: executing "" at <index .Env 9>: error calling index: reflect: slice index out of range',
    ],
    [
      '{{eq .Name 3}}',
      'template: :1:2: executing "" at <eq .Name 3>: error calling eq: incompatible types for comparison',
    ],
  ])('fails with %j', (source, message) => {
    expect(() => run(source)).toThrow(new TemplateError(message))
  })

  it('knows ID where the API says Id', () => {
    expect(executeTemplate(compileTemplate('{{.ID}}'), { Id: 'abc' })).toBe('abc')
  })
})

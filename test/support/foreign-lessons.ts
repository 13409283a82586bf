/** Small lessons in the shape of other makers' formats; every word is our own. */
import type { LessonFiles } from '../../web/src/lessons/import/lesson-files.ts'

export const filesOf = (texts: Readonly<Record<string, string>>): LessonFiles => ({
  files: new Map(Object.entries(texts).map(([path, text]) => [path, new TextEncoder().encode(text)])),
  skipped: [],
})

export const SCENARIO: Readonly<Record<string, string>> = {
  'index.json': JSON.stringify(
    {
      title: 'Two jars',
      description: 'Fill a jar, then another',
      details: {
        intro: { text: 'intro.md', background: 'prepare.sh' },
        steps: [
          { title: 'First jar', text: 'one/text.md', verify: 'one/verify.sh', foreground: 'one/greet.sh' },
          { text: 'two.md', colour: 'blue' },
        ],
        finish: { text: 'gone.md' },
        assets: {
          host01: [
            { file: 'jar.txt', target: '~/jars', chmod: '+x' },
            { file: '**/*.conf', target: '/etc/jars' },
            { file: 'none.txt', target: '/tmp' },
          ],
          host02: [{ file: 'jar.txt', target: '/tmp' }],
        },
      },
      backend: { imageid: 'ubuntu' },
      interface: { layout: 'ide' },
    },
    null,
    2,
  ),
  'intro.md': '# Two jars\n\nWelcome.\n',
  'prepare.sh': 'touch /root/shelf\n',
  'one/text.md': `Look around: \`ls -l\`{{exec}}

\`cat jar.txt\`{{copy}}

\`sleep 9\`{{exec interrupt}}

\`\`\`plain
docker run -d -p 8080:80 nginx
curl localhost:8080
\`\`\`{{exec}}

Open [the page]({{TRAFFIC_HOST1_8080}}), or [all]({{TRAFFIC_SELECTOR}}).

<br>
<details><summary>A <b>tip</b></summary>

\`\`\`
docker run alpine:3
\`\`\`{{exec interrupt}}

</details>

![A jar](./jar.png) <img src="../shelf.svg"> ![](far.png)

<iframe src="https://example.com"></iframe>

[elsewhere](../other/readme.md) [fine](https://example.com/a)
`,
  'one/jar.png': 'png',
  'shelf.svg': '<svg/>',
  'one/verify.sh': '#!/bin/bash\ntest -e /root/jar\n',
  'one/greet.sh': 'echo hello\n',
  'two.md':
    '| do | why |\n|---|---|\n| `ls`{{exec}} | look |\n\n```yaml{2,3}\na: 1\n```\n\n`kubectl get pods`{{exec}}\n',
  'assets/jar.txt': 'full',
  'assets/a/b/x.conf': 'x',
  'assets/y.conf': 'y',
}

export const LABSPACE: Readonly<Record<string, string>> = {
  'labspace/labspace.yaml': `metadata:
  id: example/kites
title: Kites
description: Build a kite.
sections:
  - title: Paper
    contentPath: 01-paper.md
  - title: String
    contentPath: ./02-string.md
  - title: Lost
    contentPath: lost.md
services:
  - { id: kite, title: The kite, url: 'http://localhost:3000' }
  - { id: far, title: Far away, url: 'https://example.com' }
variables:
  colour: red
theme: dark
`,
  'labspace/01-paper.md': `# Paper

> [!NOTE]
> Paper is thin.

\`\`\`bash
docker version
\`\`\`

1. A list:

    \`\`\`console terminal-id=second
    docker ps
    \`\`\`

    \`\`\`bash no-run-button no-copy-button
    rm -rf paper
    \`\`\`

\`\`\`dockerfile save-as=kite/Dockerfile highlight=1
FROM node:22-alpine AS paper
FROM paper
\`\`\`

\`\`\`sh
docker build -t kite kite
docker run kite
\`\`\`

See :fileLink[app.js]{path="app.js"} and ::tabLink[the kite]{href="http://localhost:3000" title="Kite" id="kite"}.

::tabLink[Open]{href="http://localhost:3000/a" title="Kite"}
`,
  'labspace/02-string.md': `# String

::variableDefinition[name]{prompt="Your name?"}

:::conditionalDisplay{variable="name" hasValue}
Hello $$name$$, a $$colour$$ kite.
:::

\`\`\`bash fast
docker tag kite $$name$$/kite
docker push $$name$$/kite
\`\`\`

\`\`\`mermaid
graph LR
\`\`\`

\`\`\`text save-as=../../../etc/passwd
x
\`\`\`

http://localhost:3000 and https://example.com/x.
`,
  'project/app.js': 'kite()',
  'project/sub/data.bin': '\u0000\u0001',
  'compose.override.yaml': 'services: {}\n',
}

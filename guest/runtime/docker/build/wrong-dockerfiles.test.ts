/** Wrong Dockerfiles, and the sentence with which Docker's classic builder (moby 28) refuses each. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWith, type BuildRequest } from '../../../../test/support/build-with-fake-host.ts'
import { FakeBuildHost } from '../../../../test/support/fake-build-host.ts'

let machine: FakeBuildHost

beforeAll(async () => {
  machine = new FakeBuildHost(({ Cmd }) => (Cmd!.at(-1) === 'false' ? 1 : 0))
  await machine.base('busybox', {
    '/bin/sh': '',
    '/etc/passwd': 'root:x:0:0:::\n',
    '/etc/group': 'root:x:0:\n',
  })
})

afterAll(() => machine.close())

const BUILDKIT =
  'requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled'

const TABLE: [dockerfile: string, message: string, request?: Omit<BuildRequest, 'dockerfile'>][] = [
  // Faults of the file as a whole.
  ['', 'the Dockerfile (Dockerfile) cannot be empty'],
  ['# nothing\n', 'failed to parse Dockerfile: file with no instructions'],
  ['# escape=x\nFROM busybox', "failed to parse Dockerfile: invalid escape token 'x' does not match ` or \\"],
  [
    '# escape=`\n# escape=`\nFROM busybox',
    'failed to parse Dockerfile: only one escape parser directive can be used',
  ],
  ['FROM busybox\nENV A', 'failed to parse Dockerfile: ENV must have two arguments'],
  [
    'FROM busybox\nENV A=1 B',
    'failed to parse Dockerfile: Syntax error - can\'t find = in "B". Must be of the form: name=value',
  ],
  [
    'FROM busybox\nCMD ["a", 1]',
    'failed to parse Dockerfile: when using JSON array syntax, arrays must be comprised of strings only',
  ],
  ['FROM busybox\nRUN <<EOF\necho', 'failed to parse Dockerfile: unterminated heredoc'],
  // Faults of instructions, which are told with their line.
  [
    'FROM busybox\n\nFOO bar',
    'dockerfile parse error on line 3: unknown instruction: FOO (did you mean FROM?)',
  ],
  ['FROM busybox\nRUNN x', 'dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)'],
  [
    'FROM busybox\n# c\nCOPY \\\n  a',
    'dockerfile parse error on line 3: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
  ],
  [
    'FROM busybox\nADD --chwon=a a /b',
    'dockerfile parse error on line 2: unknown flag: --chwon (did you mean chown?)',
  ],
  ['FROM busybox\nCOPY --from a /b', 'dockerfile parse error on line 2: missing a value on flag: --from'],
  [
    'FROM busybox\nCOPY --chown=a --chown=b a /b',
    'dockerfile parse error on line 2: duplicate flag specified: --chown',
  ],
  [
    'FROM busybox\nCOPY a <<EOF\nEOF',
    'dockerfile parse error on line 2: COPY cannot accept a heredoc as a destination',
  ],
  ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  [
    'FROM busybox AS 1st',
    'dockerfile parse error on line 1: invalid name for build stage: "1st", name can\'t start with a number or contain symbols',
  ],
  ['FROM busybox\nWORKDIR', 'dockerfile parse error on line 2: WORKDIR requires exactly one argument'],
  ['FROM busybox\nEXPOSE', 'dockerfile parse error on line 2: EXPOSE requires at least one argument'],
  ['FROM busybox\nLABEL', 'dockerfile parse error on line 2: LABEL requires at least one argument'],
  ['FROM busybox\nENV =1', 'dockerfile parse error on line 2: ENV names can not be blank'],
  ['FROM busybox\nARG =x', 'dockerfile parse error on line 2: ARG names can not be blank'],
  [
    'FROM busybox\nVOLUME [""]',
    'dockerfile parse error on line 2: VOLUME specified can not be an empty string',
  ],
  [
    'FROM busybox\nSHELL /bin/bash',
    'dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form',
  ],
  [
    'FROM busybox\nONBUILD FROM x',
    "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger",
  ],
  [
    'FROM busybox\nONBUILD ONBUILD RUN x',
    "dockerfile parse error on line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
  ],
  [
    'FROM busybox\nHEALTHCHECK NOW x',
    'dockerfile parse error on line 2: Unknown type "NOW" in HEALTHCHECK (try CMD)',
  ],
  [
    'FROM busybox\nHEALTHCHECK --interval=1 CMD x',
    'dockerfile parse error on line 2: time: missing unit in duration "1"',
  ],
  [
    'FROM busybox\nHEALTHCHECK --timeout=1us CMD x',
    'dockerfile parse error on line 2: Interval "timeout" cannot be less than 1ms',
  ],
  [
    'FROM busybox\nHEALTHCHECK NONE x',
    'dockerfile parse error on line 2: HEALTHCHECK NONE takes no arguments',
  ],
  ['FROM busybox\nRUN --network=x y', 'dockerfile parse error on line 2: invalid network mode "x"'],
  ['RUN x', 'no build stage in current context'],
  // Faults that show only while the build runs.
  ['FROM busybox\nRUN --mount=type=cache,target=/x y', `the --mount option ${BUILDKIT}`],
  ['FROM busybox\nRUN --security=insecure y', `the --security option ${BUILDKIT}`],
  ['FROM busybox\nCOPY --link a /b', `the --link option ${BUILDKIT}`],
  ['FROM busybox\nLABEL a="${B?no B}"', 'failed to process "\\"${B?no B}\\"": B: no B'],
  ['FROM busybox\nSTOPSIGNAL SIGFOO', 'invalid signal: SIGFOO'],
  ['FROM busybox\nEXPOSE http', 'invalid containerPort: http'],
  ['FROM busybox\nEXPOSE 80/ip', 'invalid proto: ip'],
  ['FROM $NONE', 'base name ($NONE) should not be blank'],
  ['FROM nosuch', "pull access denied for nosuch, repository does not exist or may require 'docker login'"],
  [
    'FROM --platform=plan10 busybox',
    'failed to parse platform plan10: "plan10": unknown operating system or architecture: invalid argument',
  ],
  ['FROM busybox AS a\nFROM busybox AS A', 'a stage name already used'],
  [
    'FROM busybox\nCOPY none /x',
    'COPY failed: file not found in build context or excluded by .dockerignore: stat none: file does not exist',
  ],
  ['FROM busybox\nCOPY *.none /x', 'COPY failed: no source files were specified'],
  ['FROM busybox\nCOPY ../secret /x', 'COPY failed: forbidden path outside the build context: ../secret ()'],
  ['FROM busybox\nCOPY https://example.com/x /x', "COPY failed: source can't be a URL for COPY"],
  [
    'FROM busybox\nADD http://example.com/x /x',
    'ADD failed: Get "http://example.com/x": dial tcp: lookup example.com: no such host',
  ],
  [
    'FROM busybox\nCOPY a b /x',
    'When using COPY with more than one source file, the destination must be a directory and end with a /',
    { files: { a: '', b: '' } },
  ],
  ['FROM busybox\nCOPY --from=busybox /none /x', 'COPY failed: stat none: file does not exist'],
  [
    'FROM busybox\nCOPY --from=later a /x',
    "invalid from flag value later: pull access denied for later, repository does not exist or may require 'docker login'",
  ],
  ['FROM busybox\nCOPY --from=0 a /x', 'invalid from flag value 0: refers to current build stage'],
  ['FROM busybox\nCOPY --from=3 a /x', 'invalid from flag value 3: index out of bounds'],
  [
    'FROM busybox\nCOPY --chown=who a /x',
    "unable to convert uid/gid chown string to host mapping: can't find uid for user who: no such user: who",
    { files: { a: '' } },
  ],
  [
    'FROM busybox\nCOPY --chown=0:staff a /x',
    "unable to convert uid/gid chown string to host mapping: can't find gid for group staff: no such group: staff",
    { files: { a: '' } },
  ],
  [
    'FROM busybox\nCOPY --chmod=u+x a /x',
    "invalid chmod parameter: 'u+x'. it should be octal string and between 0 and 07777",
    { files: { a: '' } },
  ],
  ['FROM busybox\nRUN false', "The command '/bin/sh -c false' returned a non-zero code: 1"],
  ['FROM scratch', 'No image was generated. Is your Dockerfile empty?'],
  ['FROM busybox', 'target stage "x" could not be found', { options: { target: 'x' } }],
]

test.each(TABLE)('%j: %s', async (dockerfile, message, request = {}) => {
  const built = buildWith(machine, { dockerfile, ...request })
  await expect(
    built.then(
      () => 'built',
      (error: Error) => error.message,
    ),
  ).resolves.toBe(message)
})

/** `docker login` and `docker logout`: credentials are checked by the engine and kept in the caller's ~/.docker/config.json. */
import { configPath, readClientConfig, type ClientConfig } from '../../shared/client-config.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { DOCKER_HUB_SERVER } from '../image/registry-auth.ts'
import type { SystemFlags } from '../table/system-flags.ts'

const serverOf = (given: string | undefined): string =>
  given === undefined || given === 'docker.io'
    ? DOCKER_HUB_SERVER
    : given.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

async function readLine({ session }: CliContext): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes('\n')) {
    const typed = await session.stdin.read()
    if (typed === null && text === '') throw new CliError('error while reading input: EOF')
    if (typed === null) break
    text += decoder.decode(typed, { stream: true })
  }
  return text.split('\n')[0]!.replace(/\r$/, '')
}

/** Reads a line without echo. The terminal is raw, so this handles erasing and the end of the line. */
async function readSecret({ session }: CliContext): Promise<string> {
  session.stdin.setRaw(true)
  try {
    let secret = ''
    for (let typed = await session.stdin.read(); typed !== null; typed = await session.stdin.read()) {
      for (const char of new TextDecoder().decode(typed)) {
        if (char === '\r' || char === '\n') return secret
        if (char === '\x03') throw new CliError('', 130)
        secret = char === '\x7f' || char === '\b' ? secret.slice(0, -1) : secret + char
      }
    }
    return secret
  } finally {
    session.stdin.setRaw(false)
    await session.stdout.write('\n')
  }
}

async function credentials(
  context: CliContext<SystemFlags['login']>,
): Promise<{ username: string; password: string }> {
  const { flags, session } = context
  let username = flags.string('username')
  let password = flags.string('password')
  if (password !== '') {
    await session.stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n')
    if (flags.bool('password-stdin'))
      throw new CliError('--password and --password-stdin are mutually exclusive')
  }
  if (flags.bool('password-stdin')) {
    if (username === '') throw new CliError('Must provide --username with --password-stdin')
    password = await readAll(context)
  }
  if (password === '' && !session.stdin.isTerminal) {
    throw new CliError('Error: Cannot perform an interactive login from a non TTY device')
  }
  if (username === '') {
    await session.stdout.write('Username: ')
    username = (await readLine(context)).trim()
    if (username === '') throw new CliError('Error: Non-null Username Required')
  }
  if (password === '') {
    await session.stdout.write('Password: ')
    password = await readSecret(context)
  }
  session.stdin.stop()
  if (password === '') throw new CliError('Error: Password Required')
  return { username, password }
}

async function readAll({ session }: CliContext): Promise<string> {
  const chunks: Uint8Array[] = []
  for (let chunk = await session.stdin.read(); chunk !== null; chunk = await session.stdin.read())
    chunks.push(chunk)
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '')
}

async function writeConfig(context: CliContext, config: ClientConfig): Promise<void> {
  await context.files.writeSecret(configPath(context), `${JSON.stringify(config, null, '\t')}\n`)
}

export async function login(context: CliContext<SystemFlags['login']>): Promise<number> {
  const server = serverOf(context.args[0])
  const { username, password } = await credentials(context)
  const json = { username, password, serveraddress: server }
  const answer = await context.api.json('POST', '/auth', { json })
  const config = await readClientConfig(context)
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const entry = answer.IdentityToken ? { auth, identitytoken: answer.IdentityToken } : { auth }
  await writeConfig(context, { ...config, auths: { ...config.auths, [server]: entry } })
  await context.session.stderr.write(
    `\nWARNING! Your credentials are stored unencrypted in '${configPath(context)}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`,
  )
  await context.session.stdout.write(`${answer.Status}\n`)
  return 0
}

export async function logout(context: CliContext): Promise<number> {
  const server = serverOf(context.args[0])
  const config = await readClientConfig(context)
  // Docker prints this even when there are no credentials (docker/cli, command/registry/logout.go).
  await context.session.stdout.write(`Removing login credentials for ${server}\n`)
  if (config.auths?.[server] === undefined) return 0
  const auths = { ...config.auths }
  delete auths[server]
  await writeConfig(context, { ...config, auths })
  return 0
}

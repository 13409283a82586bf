/** The flags before the command. Those that choose a daemon are refused: there is one engine, and it is this process. */
import { flagTable } from '../../shared/flag-spec.ts'

/** @param home the caller's home directory, which Docker's help shows */
export function globalFlags(home: string) {
  const folder = `${home}/.docker`
  return flagTable([
    { name: 'config', type: 'string', usage: 'Location of client config files', default: folder },
    {
      name: 'context',
      short: 'c',
      type: 'string',
      usage:
        'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")',
    },
    { name: 'debug', short: 'D', type: 'bool', usage: 'Enable debug mode' },
    { name: 'host', short: 'H', type: 'list', usage: 'Daemon socket to connect to' },
    {
      name: 'log-level',
      short: 'l',
      type: 'string',
      usage: 'Set the logging level ("debug", "info", "warn", "error", "fatal")',
      default: 'info',
    },
    { name: 'tls', type: 'bool', usage: 'Use TLS; implied by --tlsverify' },
    {
      name: 'tlscacert',
      type: 'string',
      usage: 'Trust certs signed only by this CA',
      default: `${folder}/ca.pem`,
    },
    { name: 'tlscert', type: 'string', usage: 'Path to TLS certificate file', default: `${folder}/cert.pem` },
    { name: 'tlskey', type: 'string', usage: 'Path to TLS key file', default: `${folder}/key.pem` },
    { name: 'tlsverify', type: 'bool', usage: 'Use TLS and verify the remote' },
    { name: 'version', short: 'v', type: 'bool', usage: 'Print version information and quit' },
  ])
}

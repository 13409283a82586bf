import type { ImageConfig } from '../../../../guest/protocol/api/engine-api.ts'

const SHELLS = /(^|\/)(sh|bash|ash|python3?)$/

/**
 * The `docker run` line that fits an image: interactive when it starts a shell or an interpreter, otherwise detached with
 * its ports published (below 1024 on 8000 + port).
 */
export function runCommand(name: string, { Cmd, Entrypoint, ExposedPorts }: Partial<ImageConfig>): string {
  const command = [...(Entrypoint ?? []), ...(Cmd ?? [])]
  if (command.length > 0 && SHELLS.test(command.at(-1)!)) return `docker run -it --rm ${name}`
  const ports = Object.keys(ExposedPorts ?? {}).map((exposed) => Number(exposed.split('/')[0]))
  if (ports.length === 0) return `docker run --rm ${name}`
  return `docker run -d ${ports.map((port) => `-p ${publicPort(port)}:${port} `).join('')}${name}`
}

function publicPort(port: number): number {
  return port < 1024 ? port + 8000 : port
}

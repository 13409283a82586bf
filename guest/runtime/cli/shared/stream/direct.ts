/** The client's own attachment to a process, where engine and client are in one guest. */
import type { DirectAttach, DirectEnd } from '../../../../protocol/api/direct-attach.ts'
import type { Upgraded } from '../../../../protocol/api/engine-transport.ts'
import type { ByteStream } from '../../../../protocol/wire/byte-stream.ts'
import { deferred } from '../../../../protocol/wire/deferred.ts'
import type { CliSession } from '../session.ts'

/** A hijacked connection; with `direct` the client attaches itself, and the stream only ends. */
export interface AttachedStream {
  stream: ByteStream
  direct: Promise<DirectEnd> | undefined
}

/** @param upgrade makes the request with what it is given, which is nothing when the client can't attach itself */
export async function upgradeDirectly(
  { attach }: Pick<CliSession, 'attach'>,
  upgrade: (direct: DirectAttach | undefined) => Promise<Upgraded>,
): Promise<AttachedStream> {
  const ended = deferred<DirectEnd>()
  // Whoever joins the client with the process awaits it; an attachment that never begins is told by the stream.
  ended.promise.catch(() => undefined)
  const direct: DirectAttach | undefined =
    attach &&
    ((target) => {
      const end = attach(target)
      end.then(ended.resolve, ended.reject)
      return end
    })
  const upgraded = await upgrade(direct)
  return { stream: upgraded.stream, direct: upgraded.direct === true ? ended.promise : undefined }
}

/** Lets an EngineError cross comlink whole; comlink itself keeps only name, message and stack. Import it on both sides. */
import { transferHandlers } from 'comlink'
import type { TransferHandler } from 'comlink'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { SerializedError } from '../../../guest/protocol/errors.ts'

/** What comlink hands to its handler of thrown values. */
interface Thrown {
  value: unknown
}

const comlinks = transferHandlers.get('throw') as TransferHandler<Thrown, unknown>

const handler: TransferHandler<Thrown, unknown> = {
  canHandle: (value): value is Thrown => comlinks.canHandle(value),
  serialize(thrown) {
    if (!(thrown.value instanceof EngineError)) return comlinks.serialize(thrown)
    return [{ engineError: thrown.value.toJSON() }, []]
  },
  deserialize(serialized) {
    const { engineError } = serialized as { engineError?: SerializedError }
    if (engineError) throw EngineError.fromJSON(engineError)
    return comlinks.deserialize(serialized)
  },
}

transferHandlers.set('throw', handler)

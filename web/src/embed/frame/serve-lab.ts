import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Lab } from '../contract/lab.ts'
import type { FrameMessage } from '../contract/messages.ts'
import { callId, decodeCall } from './decode-call.ts'

/** Calls that may be under way at once: each may be a process of the guest. */
const MAX_UNDER_WAY = 32

/** The part of a MessagePort that is used. */
export type LabPort = Pick<MessagePort, 'postMessage' | 'onmessage'>

/**
 * Answers each message of the port: with what the lab gives, or with an error.
 * @param lab undefined before the reader has started one
 */
export function serveLab(port: LabPort, lab: () => Lab | undefined): void {
  let underWay = 0
  const answer = async (message: unknown): Promise<FrameMessage> => {
    const id = callId(message)
    try {
      const ask = decodeCall(message)
      const started = lab()
      if (!started) throw new EngineError('unavailable', 'the lab has not been started')
      if (underWay > MAX_UNDER_WAY)
        throw new EngineError('exhausted', `more than ${MAX_UNDER_WAY} calls at once: wait for their answers`)
      const result = await ask(started)
      return { id: id!, result }
    } catch (thrown) {
      const { code, message } = EngineError.from(thrown)
      return { id, error: { code, message } }
    }
  }
  port.onmessage = async ({ data }: MessageEvent<unknown>) => {
    underWay += 1
    const reply = await answer(data)
    underWay -= 1
    port.postMessage(reply)
  }
}

import { EngineError } from '../../protocol/errors.ts'

/** What is wrong with an archive; Go's archive/tar, and so Docker, has a sentence for each. */
export type TarFault = 'header' | 'truncated' | 'field-too-long' | 'sparse' | 'member'

/** A sentence that says what is wrong; the caller knows the archive's name. */
export class TarFormatError extends EngineError {
  readonly fault: TarFault

  constructor(message: string, fault: TarFault = 'header') {
    super('invalid', message)
    this.fault = fault
  }
}

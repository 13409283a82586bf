/** What the page's “Take it with you” makes, of a headless machine. */
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { translate, type Locale } from '../../../web/src/i18n/catalogue.ts'
import { takeInventory } from '../../../web/src/take/inventory.ts'
import type { Selection } from '../../../web/src/take/selection.ts'
import { planTake, type TakePlan } from '../../../web/src/take/take-plan.ts'
import { takenArchive } from '../../../web/src/take/taken-archive.ts'
import type { HeadlessMachine } from './headless-machine.ts'

export interface TakenFolder {
  plan: TakePlan
  /** A tar of the folder. */
  archive: Blob
}

/** Rejects with the engine's sentence as EngineError. @param locale of the README */
export async function takeFolder(
  machine: Pick<HeadlessMachine, 'transport'>,
  selection: Selection,
  locale: Locale = 'en',
): Promise<TakenFolder> {
  const api = new EngineApi(machine.transport)
  const plan = planTake(await takeInventory(api, selection), selection)
  const archive = await takenArchive(plan, api, {
    t: (key, parameters) => translate(locale, key, parameters),
    now: Math.floor(Date.now() / 1000),
  })
  return { plan, archive }
}

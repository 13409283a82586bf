import type { Unmet } from '../../lessons/checks/evaluate.ts'
import type { Subject } from '../../lessons/format/check.ts'
import type { MessageKey, MessageParameters } from '../../i18n/catalogue.ts'

/** Characters of what was found that a sentence has room for. */
const MAX_FOUND = 80

/** The part of the query that names the thing. */
const named = ({ condition: { kind, query, fields } }: Unmet): string => {
  const name = fields.find(([field]) => field === 'name' || field === 'tag')?.[1]
  const asked = query.path ?? query.file ?? query.port
  if (asked !== undefined) return asked
  return name?.kind === 'text' && kind !== 'typed' && !name.glob.includes('*') ? name.glob : ''
}

/** Says what is missing, and no more: what is wanted stands in the task. */
export function unmetSentence(
  unmet: Unmet,
  t: (key: MessageKey, parameters?: MessageParameters) => string,
): string {
  const { condition, negated, matching, field, found } = unmet
  const what = t(`lesson.thing.${condition.kind satisfies Subject}`, { name: named(unmet) }).trim()
  if (condition.kind === 'script') return t('lesson.unmet.script')
  if (condition.kind === 'typed') return t('lesson.unmet.typed')
  if (negated) return t('lesson.unmet.there', { what })
  if (field === undefined)
    return matching === 0
      ? t('lesson.unmet.none', { what })
      : t('lesson.unmet.count', { what, count: matching })
  const text = found === undefined || found === '' ? t('lesson.unmet.empty') : String(found)
  return t('lesson.unmet.field', { what, field, found: text.trim().slice(0, MAX_FOUND) })
}

/** README.md of the taken folder, in the page's language. */
import type { MessageKey, MessageParameters } from '../i18n/catalogue.ts'
import type { Left } from './left-behind.ts'
import type { TakePlan } from './take-plan.ts'

/** The page's texts in the language of the person. */
export type Translate = (key: MessageKey, parameters?: MessageParameters) => string

/** What makes the plan's folder a running one again. */
export const takenCommands = ({ volumes }: Pick<TakePlan, 'volumes'>): string[] => [
  'docker load -i images.tar',
  ...(volumes.length > 0 ? ['sh fill-volumes.sh'] : []),
  'docker compose up -d',
]

/** A name as code, whatever signs are in it. */
const code = (text: string): string => `\`${text.replaceAll(/[`\p{Cc}\u2028\u2029]/gu, '\ufffd')}\``

/** One sentence about what stays behind. */
export const leftSentence = (
  { reason, service, what }: Left,
  t: Translate,
  mark = (text: string) => text,
): string => t(`take.left.${reason}`, { service: mark(service), what: mark(what) })

export function readme(plan: TakePlan, t: Translate): string {
  const { project, services, images, volumes, files, left } = plan
  const list = (names: readonly string[]): string => names.map(code).join(', ')
  const contents = [
    `- \`images.tar\`: ${list(images.map(({ reference }) => reference))}`,
    `- \`compose.yaml\`: ${list(services)}`,
    ...(volumes.length > 0 ? [`- \`volumes\`: ${list(volumes.map(({ name }) => name))}`] : []),
    ...(files.length > 0 ? [`- \`files\`: ${list(files.map(({ path }) => path))}`] : []),
  ]
  return [
    `# ${project}`,
    t('take.readme.lead'),
    ['```sh', ...takenCommands(plan), '```'].join('\n'),
    [
      `- ${t('take.readme.load')}`,
      ...(volumes.length > 0 ? [`- ${t('take.readme.fill')}`] : []),
      `- ${t('take.readme.up')}`,
    ].join('\n'),
    `## ${t('take.readme.contents')}`,
    contents.join('\n'),
    `## ${t('take.readme.left')}`,
    [...left.map((one) => `- ${leftSentence(one, t, code)}`), `- ${t('take.readme.leftAlways')}`].join('\n'),
    t('take.readme.platform'),
  ]
    .join('\n\n')
    .concat('\n')
}

/** What an imported lesson has and this page does not, so that nothing is lost without a word. */

/** Why a part is not as its author meant it; each has a sentence in both languages: `lesson.reason.internet`. */
export const REASONS = [
  'internet', // needs the internet, which the guest does not reach
  'image', // needs an image that is not at hand
  'before', // needs what a command before it would have made, which cannot work here
  'program', // needs a program that the guest does not have
  'cluster', // needs Kubernetes or another machine
  'editor', // belongs to an editor in the browser, such as VS Code
  'variable', // a text that the learner would have been asked for
  'condition', // a part that is shown under a condition
  'html', // HTML that is shown as text
  'link', // a link that leads nowhere here
  'picture', // a picture that is missing, or lies on another site
  'diagram', // a drawing that is shown as its source
  'place', // a command in a table or heading, which has no button there
  'option', // a setting that has no counterpart
  'missing', // a file that is named and is not there
  'size', // larger than a lesson may have
  'characters', // characters that do not show what they do
  'markdown', // text that has no place in a lesson
] as const
export type Reason = (typeof REASONS)[number]

export interface Unsupported {
  /** The path in the folder that was imported. */
  file: string
  /** From 1; undefined when the file as a whole is meant. */
  line: number | undefined
  /** The part itself, or a sentence about it: at most 200 characters. */
  what: string
  reason: Reason
}

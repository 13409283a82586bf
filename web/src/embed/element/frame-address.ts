import { writeParameters } from '../contract/parameters.ts'

/** The attributes that go into the frame's address as they are; the frame refuses what it does not know. */
const PASSED_ON = ['lesson', 'step', 'layout', 'panels', 'terminals'] as const

export interface FrameAddress {
  /** The address below which the lab is, with a trailing slash. */
  lab: string
  /** An attribute of the element; null where it is not there. */
  attribute(name: string): string | null
  /** Commands, one a line. */
  run: string
  theme: string
  lang: string
}

/** The address of the frame of an embed that the reader has just started. */
export function frameAddress({ lab, attribute, run, theme, lang }: FrameAddress): string {
  const query = new URLSearchParams()
  for (const name of PASSED_ON) {
    const value = attribute(name)
    if (value !== null) query.set(name, value)
  }
  const known = { boot: 'now', theme, lang, autorun: isAutorun(attribute('autorun')) ? '1' : '0' }
  for (const [name, value] of Object.entries(known)) query.set(name, value)
  return `${new URL('embed.html', lab).href}?${query}${writeParameters({ run })}`
}

/** As a boolean attribute, which is on when it is there; `0` is what the frame's address calls off. */
export const isAutorun = (attribute: string | null): boolean => attribute !== null && attribute !== '0'

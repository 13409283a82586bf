/** Imported first of all: what is imported behind it may ask Intl for the browser's language. */
import { makeSpeakable } from './i18n/speakable.ts'

makeSpeakable(navigator)

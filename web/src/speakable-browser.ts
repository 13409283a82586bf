/** Must be imported first: modules imported after it may ask Intl for the browser's language as they load. */
import { makeSpeakable } from './i18n/speakable.ts'

makeSpeakable(navigator)

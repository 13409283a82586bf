import { openChromium } from '../../support/browsers/open-chromium.ts'
import { browserSuite } from './suite.ts'

browserSuite('Chromium', openChromium)

import { openFirefox } from '../../support/browsers/open-firefox.ts'
import { browserSuite } from './suite.ts'

browserSuite('Firefox', openFirefox)

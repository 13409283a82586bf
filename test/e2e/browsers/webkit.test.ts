import { openWebKit } from '../../support/browsers/open-webkit.ts'
import { browserSuite } from './suite.ts'

browserSuite('WebKitGTK', openWebKit)

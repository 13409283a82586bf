/** The teacher's page: it takes the files in which a class has saved its progress, and shows them in one table. */
import './speakable-browser.ts'
import { mount } from 'svelte'
import { siteLessons } from './lessons/library/lesson-site.ts'
import { SettingsState } from './state/settings-state.svelte.ts'
import { browserTexts } from './browser-texts.ts'
import ClassPage from './ui/class/ClassPage.svelte'
import { ClassState } from './state/lessons/class-state.svelte.ts'

const settings = new SettingsState(browserTexts(), navigator.languages, new URLSearchParams(location.search))
const lessons = new ClassState(siteLessons(new URL('lessons/', document.baseURI).href))
mount(ClassPage, { target: document.getElementById('app')!, props: { settings, state: lessons } })
void lessons.load()

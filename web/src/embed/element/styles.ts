/** A sheet that is made by script and adopted, because the page's policy may allow no inline style. */
export const STYLES = `
:host { display: block; margin: 1em 0; }
:host([hidden]) { display: none; }
.bar { display: flex; flex-wrap: wrap; gap: .5em .8em; align-items: center; margin-top: .4em; font: .875em/1.4 system-ui, sans-serif; }
button { padding: .35em .9em; border: 1px solid; border-radius: 6px; background: none; color: inherit; font: inherit; cursor: pointer; }
button::before { content: '▶ '; }
.runs button::before { content: '■ '; }
button:focus-visible { outline: 2px solid #4a90e2; outline-offset: 2px; }
iframe { display: block; width: 100%; border: 0; border-radius: 10px; color-scheme: light dark; }
.transcript { max-height: 24em; margin: 0; padding: .8em 1em; overflow: auto; border-radius: 10px; background: #0a1517; color: #d7e4e1; font: .8125em/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.runs .poster, .ended .poster, .waits iframe, .ended iframe, .waits .transcript, .runs .transcript { display: none; }
@media print {
  .root > .poster { display: block; }
  .root > .bar, .root > iframe { display: none; }
}
`

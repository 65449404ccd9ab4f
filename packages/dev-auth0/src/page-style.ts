/** The one style sheet of every page: phone width first, light and dark. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1e212a; --soft: #65676e; --line: #c9cace; --paper: #fff; --ground: #f0f1f3; --accent: #4f46b8; --on-accent: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceef2; --soft: #a6a9b3; --line: #4a4e5a; --paper: #22252e; --ground: #15171d; --accent: #a9a2ff; --on-accent: #15171d; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 25rem; padding: 2rem 1.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
small, .soft { color: var(--soft); font-size: .875rem; }
form { display: grid; gap: .75rem; margin: 1.25rem 0; }
button { width: 100%; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer; }
button:hover { border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button strong, button small { display: block; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.main small { color: inherit; }
button.plain { border-color: transparent; text-align: center; color: var(--soft); }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
code { font-size: .9em; }
footer { border-top: 1px solid var(--line); padding-top: 1rem; }
`;

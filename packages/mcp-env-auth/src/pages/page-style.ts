/** The pages' one style sheet. Its hash stands in their content security policy. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --text: #14171c; --soft: #4f5763; --line: #d5d9e0;
  --accent: #1d4ed8; --on-accent: #ffffff; --field: #f6f7f9; --good: #166534; --edge: #6b7280;
  --warn-ground: #fff6e0; --warn-line: #b45309; --warn-text: #5f3305;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --card: #191d23; --text: #eceff3; --soft: #b0b8c4; --line: #353c46;
    --accent: #93b4ff; --on-accent: #0b1220; --field: #12161b; --good: #86efac; --edge: #8b94a3;
    --warn-ground: #2c2210; --warn-line: #f0b44c; --warn-text: #fbe3b5;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-block-end: 5.5rem; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 2rem; max-width: 32rem; min-height: 100vh;
  display: flex; flex-direction: column; justify-content: center; gap: .875rem;
  background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
header {
  display: flex; align-items: center; gap: .625rem; padding-inline: .25rem; color: var(--soft);
  font-size: .9375rem; font-weight: 600;
}
header img { flex: none; border-radius: .375rem; object-fit: contain; }
main {
  padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / 5%), 0 8px 24px rgb(0 0 0 / 6%);
}
footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding-inline: .25rem; color: var(--soft); font-size: .875rem; }
h1 { margin: 0; font-size: 1.25rem; line-height: 1.5; font-weight: 500; }
h1 strong { font-weight: 700; }
h2 { margin: 1.25rem 0 .25rem; font-size: .9375rem; font-weight: 600; }
p { margin: .5rem 0; }
a { color: var(--accent); }
.name {
  display: inline-block; max-width: 100%; padding: 0 .5rem; border: 1px solid var(--edge); border-radius: .5rem;
  background: var(--field); font-weight: 700; vertical-align: bottom; overflow: hidden;
}
.note { color: var(--soft); font-size: .875rem; }
.host { color: var(--soft); }
.host b { color: var(--text); }
.verified b { color: var(--good); }
fieldset { margin: 1rem 0 0; padding: 0; border: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; }
ul.scopes { margin: .375rem 0 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: .625rem; }
ul.scopes li { display: flex; gap: .625rem; align-items: flex-start; padding: .5rem .75rem; }
ul.scopes li + li { border-block-start: 1px solid var(--line); }
ul.scopes label, ul.scopes .fixed { flex: 1; min-width: 0; }
ul.scopes small { color: var(--soft); }
ul.scopes code { font-size: .8125rem; color: var(--soft); }
ul.scopes .mark { display: block; font-size: .8125rem; font-weight: 600; color: var(--warn-line); }
ul.scopes .always { display: block; font-size: .8125rem; color: var(--soft); }
.dot { flex: none; width: 1.125rem; text-align: center; color: var(--soft); }
input[type="checkbox"] { flex: none; width: 1.125rem; height: 1.125rem; margin: .1875rem 0; accent-color: var(--accent); }
.switch { display: flex; gap: .625rem; align-items: flex-start; margin: .5rem 0; }
code { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.warning {
  margin: .875rem 0 0; padding: .625rem .875rem; border-inline-start: .25rem solid var(--warn-line); border-radius: .375rem;
  background: var(--warn-ground); color: var(--warn-text); font-size: .9375rem;
}
.warning p { margin: 0; }
.warning p + p { margin-block-start: .375rem; }
.warning a { color: inherit; }
dl { margin: .5rem 0 0; font-size: .875rem; }
dt { color: var(--soft); }
dd { margin: 0 0 .5rem; }
pre { margin: .25rem 0 .75rem; padding: .5rem .75rem; border-radius: .5rem; background: var(--field); white-space: pre-wrap; }
pre.copy { user-select: all; }
details { margin-block-start: 1rem; font-size: .875rem; color: var(--soft); }
summary { cursor: pointer; }
.actions {
  position: sticky; inset-block-end: 0; display: flex; gap: .75rem; margin: .75rem -1.5rem 0; padding: .75rem 1.5rem;
  background: var(--card); border-block-start: 1px solid var(--line);
}
p.actions { flex-wrap: wrap; }
p.actions .button { flex-basis: 9rem; }
button, .button {
  flex: 1 1 0; min-width: 0; min-height: 2.875rem; padding: .5rem 1rem; border-radius: .625rem;
  border: 1px solid var(--edge); background: transparent; color: var(--text);
  font: inherit; font-weight: 600; text-align: center; cursor: pointer;
}
.button { display: inline-block; text-decoration: none; }
.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button.primary { animation: arm .5s; }
@keyframes arm { 0%, 99% { pointer-events: none; opacity: .6; } }
button:hover, .button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 26rem) {
  body { padding: .75rem .5rem 1rem; justify-content: flex-start; }
  main { padding: 1rem; }
  .actions { margin-inline: -1rem; padding-inline: 1rem; }
}
@media (forced-colors: active) {
  .primary { border-width: 3px; }
  .warning { border: 1px solid; border-inline-start-width: .375rem; }
}
`;

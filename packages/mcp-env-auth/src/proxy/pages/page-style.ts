/** The pages' one style sheet. Its hash stands in their content security policy. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f6; --card: #ffffff; --text: #14171c; --soft: #525a66; --line: #d5d9e0;
  --accent: #1d4ed8; --on-accent: #ffffff; --field: #f6f7f9;
  --warn-ground: #fff6e0; --warn-line: #b45309; --warn-text: #5f3305;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --card: #191d23; --text: #eceff3; --soft: #a9b1bd; --line: #353c46;
    --accent: #93b4ff; --on-accent: #0b1220; --field: #12161b;
    --warn-ground: #2c2210; --warn-line: #f0b44c; --warn-text: #fbe3b5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main {
  width: 100%; max-width: 30rem; padding: 2rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / 6%), 0 12px 32px rgb(0 0 0 / 8%);
}
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: .875rem; }
dl { margin: 1.25rem 0 0; border: 1px solid var(--line); border-radius: .625rem; background: var(--field); }
dl > div { padding: .75rem 1rem; }
dl > div + div { border-top: 1px solid var(--line); }
dt { color: var(--soft); font-size: .8125rem; }
dd { margin: .125rem 0 0; overflow-wrap: anywhere; }
dd.host { font-size: 1.125rem; font-weight: 700; }
code { font: .875em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
ul { margin: .5rem 0; padding-left: 1.25rem; }
li { overflow-wrap: anywhere; }
dd ul { margin: .25rem 0 0; }
.warning {
  margin: 1.25rem 0 0; padding: .75rem 1rem; border-left: .25rem solid var(--warn-line); border-radius: .375rem;
  background: var(--warn-ground); color: var(--warn-text); font-size: .9375rem;
}
.warning p { margin: 0; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.75rem 0 1.25rem; }
button {
  flex: 1 1 9rem; min-height: 2.875rem; padding: .625rem 1.25rem; border-radius: .625rem;
  border: 1px solid var(--line); background: transparent; color: var(--text);
  font: inherit; font-weight: 600; cursor: pointer;
}
button.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button:hover { filter: brightness(1.08); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
@media (max-width: 26rem) { body { padding: .75rem; place-items: start stretch; } main { padding: 1.25rem; } }
`;

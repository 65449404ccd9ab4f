import { type Html, html } from "./html.ts";
import type { Page } from "./page.ts";
import type { PageFrame } from "./page-frame.ts";
import { fillPlain, fillText } from "./page-text.ts";

/**
 * What somebody reads who opens the address of the MCP endpoint in a browser: what it is, and how to add it to an
 * application.
 *
 * @param address the public URL of the MCP endpoint
 */
export function landingPage(address: string, { site, texts }: PageFrame): Page {
  const name = commandName(address);
  const file = (path: string) => fillText(texts.landingFile, { file: html`<code dir="ltr">${path}</code>` });
  const vsCode = JSON.stringify({ name, type: "http", url: address });
  const cursor = JSON.stringify({ mcpServers: { [name]: { url: address } } });
  return {
    title: fillPlain(texts.landingTitle, { server: site.name }),
    body: html`<h1>${fillText(texts.landingTitle, { server: html`<strong><bdi>${site.name}</bdi></strong>` })}</h1>
<p>${fillText(texts.landingWhat, { server: html`<bdi>${site.name}</bdi>` })}</p>
<h2>${texts.landingAddress}</h2>
${toCopy(address)}
<p class="note">${texts.landingAsks}</p>
${way("Claude", html`${texts.landingClaude}`)}
${way("Claude Code", html`${texts.landingTerminal}`, `claude mcp add --transport http ${name} ${quoted(address)}`)}
${way("ChatGPT", html`${texts.landingChatGpt}`)}
${way("VS Code", html`${texts.landingTerminal}`, `code --add-mcp ${quoted(vsCode)}`)}
${way("Cursor", file(".cursor/mcp.json"), cursor)}
${way("Codex", html`${texts.landingTerminal}`, `codex mcp add ${name} --url ${quoted(address)}`)}`,
  };
}

function way(application: string, text: Html, code?: string): Html {
  return html`<details><summary><bdi>${application}</bdi></summary><p>${text}</p>${code === undefined ? undefined : toCopy(code)}</details>`;
}

/** A click selects all of it. */
function toCopy(text: string): Html {
  return html`<pre class="copy" dir="ltr" tabindex="0"><code>${text}</code></pre>`;
}

/** What commands call the server: its host. */
function commandName(address: string): string {
  return new URL(address).hostname.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "");
}

/** As one word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

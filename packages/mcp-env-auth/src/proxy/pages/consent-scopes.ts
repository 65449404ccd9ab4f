import { type Html, html } from "../../pages/html.ts";
import type { Texts } from "../../pages/languages/en.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import { scopeField } from "../protocol/chosen-scopes.ts";

export interface AskedScopes {
  readonly scopes: readonly string[];
  /** Those among `scopes` that every login includes. */
  readonly requiredScopes: readonly string[];
  /** Those that the user can't leave out: the required ones, and others. */
  readonly fixedScopes: readonly string[];
  /** Sentences of the developer or the operator. */
  readonly descriptions: Readonly<Record<string, string>>;
}

const STANDARD: Readonly<Record<string, keyof Texts>> = {
  openid: "scopeOpenid",
  profile: "scopeProfile",
  email: "scopeEmail",
  address: "scopeAddress",
  phone: "scopePhone",
  [OFFLINE_ACCESS]: "scopeOfflineAccess",
};

const DELETES = /^(?:delete|remove|destroy|purge)$/;
const WRITES = /^(?:write|readwrite|create|update|edit|modify|manage|admin|send|full|all|execute|upload|publish)$/;

/** What the client asks for: a sentence for each scope, with a box for those that the user may leave out. */
export function scopeList(asked: AskedScopes, texts: Texts): Html {
  if (asked.scopes.length === 0) {
    return html`<p>${texts.noPermissions}</p>`;
  }
  return html`<fieldset><legend>${texts.permissions}</legend><ul class="scopes">${asked.scopes.map((scope, index) =>
    asked.fixedScopes.includes(scope)
      ? html`<li><span class="dot" aria-hidden="true">•</span><span class="fixed">${sentence(scope, asked, texts)}${asked.requiredScopes.includes(scope) ? html`<small class="always">${texts.alwaysNeeded}</small>` : undefined}</span></li>`
      : html`<li><input type="checkbox" id="${scopeField(index)}" name="${scopeField(index)}" value="on" checked><label for="${scopeField(index)}">${sentence(scope, asked, texts)}</label></li>`,
  )}</ul></fieldset>`;
}

function sentence(scope: string, { descriptions }: AskedScopes, texts: Texts): Html {
  const standard = STANDARD[scope];
  const described = Object.hasOwn(descriptions, scope) ? descriptions[scope] : standard && texts[standard];
  const effect = effectOf(scope);
  const mark = effect && html`<span class="mark">${texts[effect]}</span>`;
  const name = html`<code dir="ltr">${scope}</code>`;
  return described === undefined ? html`${name}${mark}` : html`<bdi>${described}</bdi> <small>${name}</small>${mark}`;
}

/** Whether a scope lets a client change or delete, by the words of its name. */
function effectOf(scope: string): "writes" | "deletes" | undefined {
  const words = scope
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
  if (words.some((word) => DELETES.test(word))) {
    return "deletes";
  }
  return words.some((word) => WRITES.test(word)) ? "writes" : undefined;
}

import { describe, expect, it } from "vitest";
import { html } from "./html.ts";

describe("html", () => {
  it("escapes every character that could end a text or an attribute", () => {
    expect(html`<p title="${`"'\``}">${"<b>&</b>"}</p>`.markup).toBe(
      '<p title="&quot;&#39;&#96;">&lt;b&gt;&amp;&lt;/b&gt;</p>',
    );
  });

  it("keeps markup of its own, alone and in lists, and leaves nothing for undefined", () => {
    const items = ["<1>", "<2>"].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>${undefined}${html`<hr>`}`.markup).toBe(
      "<ul><li>&lt;1&gt;</li><li>&lt;2&gt;</li></ul><hr>",
    );
  });
});

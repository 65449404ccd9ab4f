import { paint } from "../support/terminal.mjs";

/** @import { Page } from "test-support/browser" */

const WIDTH = 96;

/** Tells what happens between client, server and identity provider, as it happens. */
export class Narrator {
  #step = 0;

  /** @param {string} title */
  step(title) {
    this.#step += 1;
    console.log(`\n${paint(["bold", "cyan"], `${this.#step}. ${title}`)}`);
  }

  /**
   * @param {string} method
   * @param {URL} url
   */
  request(method, url) {
    console.log(`   ${paint("bold", method)} ${url.origin}${url.pathname}`);
  }

  /** @param {string} line What a person would type. */
  command(line) {
    console.log(`   ${paint("dim", "$")} ${paint("bold", line)}`);
  }

  /** @param {Response} response */
  status({ status, statusText }) {
    console.log(`   ${paint(status < 400 ? "green" : "yellow", `${status} ${statusText}`)}`);
  }

  /**
   * Names and values, one a line, secrets shortened.
   *
   * @param {Iterable<readonly [string, unknown]>} entries
   */
  values(entries) {
    for (const [name, value] of entries) {
      console.log(
        `   ${paint("dim", `${name}:`)} ${this.#shorten(name, typeof value === "string" ? value : JSON.stringify(value))}`,
      );
    }
  }

  /** @param {Page} page */
  page({ title, text, forms }) {
    console.log(`   ${paint("dim", "page:")} ${title}`);
    for (const line of text.split("\n").flatMap(wrap)) {
      console.log(`   ${paint("dim", "│")} ${line}`);
    }
    const labels = forms.flatMap((form) => form.buttons.map(({ label }) => `[${label}]`));
    console.log(`   ${paint("dim", "buttons:")} ${labels.join(" ")}`);
  }

  /** @param {string} text */
  say(text) {
    console.log(`   ${text}`);
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #shorten(name, value) {
    if (!/^(client_id|code|state|access_token|refresh_token|code_challenge|code_verifier|nonce)$/.test(name)) {
      return value;
    }
    return value.length > 24 ? `${value.slice(0, 12)}… (${value.length} characters)` : value;
  }
}

/** @param {string} text */
function wrap(text) {
  /** @type {string[]} */
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    const line = lines[last] ?? "";
    if (line.length + word.length < WIDTH) {
      lines[last] = line === "" ? word : `${line} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

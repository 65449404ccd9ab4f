import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LANGUAGES } from "../../packages/mcp-env-auth/src/pages/page-frame.ts";
import { pageStates, renderState } from "../../scripts/support/page-states.mjs";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const STATES = Object.keys(pageStates);
const CONSENT = STATES.filter((state) => state.startsWith("consent"));

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
});
afterAll(() => browser?.close());

async function onPage<T>(
  markup: string,
  options: { readonly width: number; readonly dark?: boolean },
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({
    viewport: { width: options.width, height: 664 },
    colorScheme: options.dark ? "dark" : "light",
  });
  const page = await context.newPage();
  await page.setContent(markup);
  try {
    return await look(page);
  } finally {
    await context.close();
  }
}

/** The texts whose contrast with what is behind them is less than 4.5 (WCAG 2.2, 1.4.3). */
const FAINT_TEXTS = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""))
    .filter((element) => {
      const [a, b] = [channels(getComputedStyle(element).color), behind(element)].map(luminance);
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    })
    .map((element) => element.textContent);
})()`;

const SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

describe.each(LANGUAGES.map((texts) => [texts.language, texts] as const))("the pages in %s", (_language, texts) => {
  it.each(STATES)(
    "don't scroll sideways at 320 pixels, from left to right and from right to left: %s",
    async (state) => {
      for (const direction of ["ltr", "rtl"]) {
        const markup = renderState(state, { ...texts, direction });
        expect(await onPage(markup, { width: 320 }, (page) => page.evaluate(SIDEWAYS))).toBe(0);
      }
    },
  );

  it.each(CONSENT)("have both buttons above the fold at 390 by 664: %s", async (state) => {
    await onPage(renderState(state, texts), { width: 390 }, async (page) => {
      for (const decision of ["deny", "allow"]) {
        const box = await page.locator(`button[value=${decision}]`).boundingBox();
        expect(box && box.y >= 0 && box.y + box.height <= 664).toBe(true);
      }
    });
  });
});

describe("the pages", () => {
  it.each(STATES)("have enough contrast, light and dark: %s", async (state) => {
    for (const dark of [false, true]) {
      expect(await onPage(renderState(state), { width: 390, dark }, (page) => page.evaluate(FAINT_TEXTS))).toEqual([]);
    }
  });

  it.each(CONSENT)("give focus in reading order, Deny before Allow: %s", async (state) => {
    await onPage(renderState(state), { width: 390 }, async (page) => {
      const order: string[] = [];
      for (let presses = 0; presses < 40 && order.at(-1) !== "allow"; presses++) {
        await page.keyboard.press("Tab");
        order.push(await page.evaluate<string>("document.activeElement.value ?? document.activeElement.localName"));
      }
      expect(order.slice(-2)).toEqual(["deny", "allow"]);
    });
  });

  it("take no click on Allow at first, and one on Deny at once", async () => {
    await onPage(renderState("consent-program"), { width: 390 }, async (page) => {
      const armed = await page.evaluate<string[]>(`(() => {
        const button = document.querySelector("button[value=allow]");
        const [animation] = button.getAnimations();
        animation.pause();
        return [0, 490, 500].map((time) => {
          animation.currentTime = time;
          return getComputedStyle(button).pointerEvents;
        });
      })()`);
      expect(armed).toEqual(["none", "none", "auto"]);
      expect(await page.evaluate("document.querySelector('button[value=deny]').getAnimations().length")).toBe(0);
    });
  });
});

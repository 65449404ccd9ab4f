import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LANGUAGES } from "../../packages/mcp-env-auth/src/pages/page-frame.ts";
import { pageStates, renderState } from "../../scripts/support/page-states.mjs";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const STATES = Object.keys(pageStates);
const CONSENT = STATES.filter((state) => state.startsWith("consent"));

let browser: Browser;
const pages = new Map<string, Promise<Page>>();

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
});
afterAll(() => browser?.close());

/** Shows a page of ours in a window that is opened once for each way to look at it. */
async function onPage<T>(
  markup: string,
  { width, dark = false }: { readonly width: number; readonly dark?: boolean },
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const key = `${width} ${dark}`;
  const opened =
    pages.get(key) ?? browser.newPage({ viewport: { width, height: 664 }, colorScheme: dark ? "dark" : "light" });
  pages.set(key, opened);
  const page = await opened;
  await page.setContent(markup);
  return look(page);
}

/** The states for which `isWrong` is not `false`, with what it says. */
async function wrongStates(
  states: readonly string[],
  isWrong: (state: string) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const wrong: unknown[] = [];
  for (const state of states) {
    const found = await isWrong(state);
    if (found !== false) {
      wrong.push([state, found]);
    }
  }
  return wrong;
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

/** Where the focus is among what can have it, from the first in the document. */
const FOCUSED = `(() => {
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), summary, [tabindex]")];
  return all.filter((each) => each.tabIndex >= 0 && each.checkVisibility()).indexOf(document.activeElement);
})()`;

describe.each(LANGUAGES.map((texts) => [texts.language, texts] as const))("the pages in %s", (_language, texts) => {
  it("don't scroll sideways at 320 pixels, from left to right and from right to left", async () => {
    for (const direction of ["ltr", "rtl"]) {
      const wide = (state: string) =>
        onPage(renderState(state, { ...texts, direction }), { width: 320 }, async (page) => {
          const pixels = await page.evaluate<number>(SIDEWAYS);
          return pixels > 0 && pixels;
        });
      expect(await wrongStates(STATES, wide)).toEqual([]);
    }
  });

  it("have both buttons above the fold at 390 by 664", async () => {
    const below = (state: string) =>
      onPage(renderState(state, texts), { width: 390 }, async (page) => {
        const boxes = [];
        for (const decision of ["deny", "allow"]) {
          boxes.push(await page.locator(`button[value=${decision}]`).boundingBox());
        }
        return !boxes.every((box) => box && box.y >= 0 && box.y + box.height <= 664) && boxes;
      });
    expect(await wrongStates(CONSENT, below)).toEqual([]);
  });

  it.each([false, true])("have enough contrast (dark: %s)", async (dark) => {
    const faint = (state: string) =>
      onPage(renderState(state, texts), { width: 390, dark }, async (page) => {
        const found = await page.evaluate<string[]>(FAINT_TEXTS);
        return found.length > 0 && found;
      });
    expect(await wrongStates(STATES, faint)).toEqual([]);
  });

  it("give focus in reading order, Deny before Allow", async () => {
    const unordered = (state: string) =>
      onPage(renderState(state, texts), { width: 390 }, async (page) => {
        const order: number[] = [];
        const names: string[] = [];
        const start = await page.evaluate<number>(FOCUSED);
        for (let presses = 0; presses < 40; presses++) {
          await page.keyboard.press("Tab");
          const at = await page.evaluate<number>(FOCUSED);
          if (at === -1 || at === order[0]) {
            break;
          }
          order.push(at);
          names.push(await page.evaluate<string>("document.activeElement.value ?? ''"));
        }
        const isOrdered = order.length > 0 && order.every((at, index) => at === index);
        const answers = names.filter((name) => name === "deny" || name === "allow").join();
        const isRight = isOrdered && (!CONSENT.includes(state) || answers === "deny,allow");
        return !isRight && { start, order, answers };
      });
    expect(await wrongStates([...CONSENT, "landing", "error-pageExpired", "error-mistake"], unordered)).toEqual([]);
  });
});

describe("the pages", () => {
  it("give focus to the notice that asks again", async () => {
    const focused = "document.activeElement.getAttribute('role')";
    await onPage(renderState("consent-repeated"), { width: 360 }, async (page) => {
      await expect.poll(() => page.evaluate(focused)).toBe("alert");
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

// node scripts/page-pictures.mjs [CHROMIUM]: writes the pictures of docs/pages, from the build. Chromium is looked for
// at CHROMIUM_PATH, else at /usr/bin/chromium.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { renderState } from "./support/page-states.mjs";

const FOLDER = fileURLToPath(new URL("../docs/pages/", import.meta.url));
const executablePath = process.argv[2] ?? process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** @type {readonly { state: string, width: number, dark?: true, forced?: true, language?: string }[]} */
const PICTURES = [
  { state: "consent-program", width: 390 },
  { state: "consent-program", width: 390, dark: true },
  { state: "consent-program", width: 1280 },
  { state: "consent-program", width: 320, language: "de" },
  { state: "consent-verified", width: 390 },
  { state: "landing", width: 390 },
  { state: "consent-web", width: 320 },
  { state: "error-pageExpired", width: 390, language: "es" },
  { state: "consent-repeated", width: 360 },
  { state: "consent-repeated", width: 360, forced: true },
  { state: "end-connected", width: 390 },
  { state: "end-denied", width: 390, dark: true },
];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
await mkdir(FOLDER, { recursive: true });
for (const { state, width, dark, forced, language } of PICTURES) {
  const context = await browser.newContext({
    viewport: { width, height: 664 },
    colorScheme: dark ? "dark" : "light",
    forcedColors: forced ? "active" : "none",
    reducedMotion: "reduce",
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  await page.setContent(renderState(state, language));
  const name = [state, width, dark && "dark", forced && "forced-colors", language].filter(Boolean).join("-");
  await page.screenshot({ path: `${FOLDER}${name}.png`, animations: "disabled" });
  await context.close();
}
await browser.close();

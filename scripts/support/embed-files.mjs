// Files of this repository inside pages: after `<!-- path/of/the/file -->` comes a block with its text.
import { readFileSync } from "node:fs";

const EMBEDDED = /^<!-- ((?:deploy|examples)\/\S+) -->\n```(\w*)\n.*?^```$/gms;

/**
 * The page with the files as they are.
 *
 * @param {string} page
 * @param {URL} root of the repository
 */
export const embedFiles = (page, root) =>
  page.replace(
    EMBEDDED,
    (_block, file, language) =>
      `<!-- ${file} -->\n\`\`\`${language}\n${readFileSync(new URL(file, root), "utf8").trimEnd()}\n\`\`\``,
  );

/**
 * The files that a page embeds.
 *
 * @param {string} page
 */
export const embeddedFiles = (page) => Array.from(page.matchAll(EMBEDDED), ([, file = ""]) => file);

// Wraps the comments of all sources at one width, which Biome leaves as they are. With --check it only says which
// differ.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listSources, wrapComments } from "./support/wrap-comments.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const isCheck = process.argv.includes("--check");

for (const file of listSources(root)) {
  const source = readFileSync(join(root, file), "utf8");
  const wrapped = wrapComments(source);
  if (wrapped === source) {
    continue;
  }
  if (isCheck) {
    console.log(`${file}: run node scripts/wrap-comments.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, file), wrapped);
    console.log(`wrapped ${file}`);
  }
}

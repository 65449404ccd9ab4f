// node log-in.mjs USERNAME JOURNAL URL: logs a user in at an authorization URL, as a person in a browser would, and
// takes the browser back to the client. What came of it is appended to JOURNAL, a line for each login, and the title of
// each page to JOURNAL.pages.
import { appendFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { Browser, logIn } from "test-support/browser";

const [username = "", journal = "", authorizationUrl = ""] = process.argv.slice(2);

try {
  const redirectUri = new URL(authorizationUrl).searchParams.get("redirect_uri") ?? "";
  const browser = new Browser({ onPage: ({ title }) => appendFileSync(`${journal}.pages`, `${title}\n`) });
  const redirect = await logIn(browser, authorizationUrl, { redirectUri, username });
  const answer = await fetch(redirect);
  await appendFile(journal, `logged in, and the client answered ${answer.status}\n`);
} catch (error) {
  await appendFile(journal, `${error}\n`);
}

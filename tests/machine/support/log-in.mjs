// node log-in.mjs USERNAME JOURNAL URL: logs a user in at an authorization URL, as a person in a browser would, and
// takes the browser back to the client. What came of it is appended to JOURNAL, a line for each login.
import { appendFile } from "node:fs/promises";
import { Browser, logIn } from "test-support/browser";

const [username = "", journal = "", authorizationUrl = ""] = process.argv.slice(2);

try {
  const redirectUri = new URL(authorizationUrl).searchParams.get("redirect_uri") ?? "";
  const redirect = await logIn(new Browser(), authorizationUrl, { redirectUri, username });
  const answer = await fetch(redirect);
  await appendFile(journal, `logged in, and the client answered ${answer.status}\n`);
} catch (error) {
  await appendFile(journal, `${error}\n`);
}

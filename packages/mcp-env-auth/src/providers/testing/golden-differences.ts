/** A deliberate difference from FastMCP 2.14. */
export interface GoldenDifference {
  readonly reason: string;
  /** The end of the variable that stops the start here; absent where the file is read. */
  readonly refused?: string;
  readonly titles: readonly string[];
}

const PROXIES_WITHOUT_CHECK = ["AZURE", "GITHUB", "GOOGLE", "DISCORD", "WORKOS"];

const titled = (name: string, ...values: readonly string[]) =>
  values.map((value) => `${name} is ${JSON.stringify(value)}`);

/** All of them: every other file is read alike. */
export const differences: readonly GoldenDifference[] = [
  {
    reason: "refuses to start without a choice of provider, where FastMCP starts an open server",
    refused: "SERVER_AUTH",
    titles: ["choice: not made", "place: no file by an empty name"],
  },
  {
    reason: "refuses a file that is named and missing, where FastMCP reads none",
    refused: "ENV_FILE",
    titles: ["place: a file that is not there"],
  },
  {
    reason: "asks for BASE_URL at the start, where FastMCP fails later with a bare AssertionError",
    refused: "BASE_URL",
    titles: PROXIES_WITHOUT_CHECK.map((prefix) => `${prefix}: without BASE_URL`),
  },
  {
    reason: "refuses http on a host that is not this machine: tokens and codes would travel in the clear",
    refused: "BASE_URL",
    titles: titled("AUTH0: BASE_URL", "http://a.example.com"),
  },
  {
    reason: "refuses a user name, a query or a fragment in BASE_URL: paths are appended to it, and it is published",
    refused: "BASE_URL",
    titles: titled(
      "AUTH0: BASE_URL",
      "https://u:p@a.example.com",
      "https://a.example.com/?q=1",
      "https://a.example.com/#f",
    ),
  },
  {
    reason: "refuses a space in BASE_URL, where FastMCP escapes it",
    refused: "BASE_URL",
    titles: titled("AUTH0: BASE_URL", "https://a.example.com/a b"),
  },
  {
    reason: "refuses a client id of spaces only: nobody has one",
    refused: "CLIENT_ID",
    titles: titled("AUTH0: CLIENT_ID", " "),
  },
  {
    reason: "refuses a client secret of spaces only: it would seal nothing",
    refused: "CLIENT_SECRET",
    titles: titled("AUTH0: CLIENT_SECRET", " "),
  },
  {
    reason:
      "refuses items that are no scopes, such as None and True: no token could ever carry them (RFC 6749 section 3.3)",
    refused: "REQUIRED_SCOPES",
    titles: titled("AUTH0: REQUIRED_SCOPES", '["a b", " c ", ""]', "[null]", "[true]", '[["a"]]'),
  },
  {
    reason: "takes NaN for a scope: only Python's JSON knows it as a number",
    titles: titled("AUTH0: REQUIRED_SCOPES", "NaN"),
  },
  {
    reason: "takes a redirect URI without JSON around it",
    titles: titled("AUTH0: ALLOWED_CLIENT_REDIRECT_URIS", "http://localhost:*"),
  },
  {
    reason: "refuses a REDIRECT_PATH that is no plain path: the provider would send users elsewhere",
    refused: "REDIRECT_PATH",
    titles: titled("AUTH0: REDIRECT_PATH", "/cb?x=1", "//cb", "/a b"),
  },
  {
    reason: "listens on the default host and path where they are empty: an empty host would mean every address",
    titles: [...titled("server: HOST", ""), ...titled("server: STREAMABLE_HTTP_PATH", "")],
  },
  {
    reason: "refuses a port that does not exist",
    refused: "PORT",
    titles: titled("server: PORT", "-1", "70000"),
  },
];

/** The difference that a file shows, if any. */
export function differenceOf(title: string): GoldenDifference | undefined {
  return differences.find(({ titles }) => titles.includes(title));
}

import { GOLDEN_PROVIDERS, type GoldenProvider, providerOf } from "./golden-providers.ts";

/** A file that FastMCP 2.14 and this package both read. */
export interface GoldenFile {
  readonly title: string;
  readonly file: string;
  /** The file's name, if it is not `.env`. */
  readonly name?: string;
  /** What the process has beside it. */
  readonly env?: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, string>>;

const AUTH = "FASTMCP_SERVER_AUTH";
const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const DISCOVERY = "https://tenant.example.com/.well-known/openid-configuration";

const lines = (values: Values) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

function variables({ classPath, prefix }: GoldenProvider, values: Values): Values {
  const own = Object.entries(values).map(([name, value]) => [`${AUTH}_${prefix}_${name}`, value]);
  return { [AUTH]: `fastmcp.server.auth.providers.${classPath}`, ...Object.fromEntries(own) };
}

function ofProvider(provider: GoldenProvider): GoldenFile[] {
  const { prefix } = provider;
  const needed = variables(provider, provider.required);
  const all = variables(provider, { ...provider.required, ...provider.optional });
  const respelt = Object.fromEntries(Object.entries(all).map(([name, value], at) => [respell(name, at), value]));
  const title = (what: string) => `${prefix}: ${what}`;
  return [
    { title: title("what it requires"), file: lines(needed) },
    { title: title("all that it reads"), file: lines(all) },
    { title: title("names in other cases"), file: lines(respelt) },
    { title: title("nothing but the class path"), file: lines(variables(provider, {})) },
    { title: title("all by the process"), file: "", env: all },
    { title: title("the process over the file"), file: lines(all), env: needed },
    ...Object.keys(provider.required).map((name) => ({
      title: title(`without ${name}`),
      file: lines(
        variables(provider, Object.fromEntries(Object.entries(provider.required).filter(([key]) => key !== name))),
      ),
    })),
  ];
}

const respell = (name: string, at: number) =>
  at % 2 === 0 ? name.toLowerCase() : name.replace(/_[A-Z]+$/, (end) => end.toLowerCase());

const auth0 = variables(providerOf("AUTH0"), providerOf("AUTH0").required);

/** One variable of Auth0's, in the process, so that the value is what it says. */
const values: readonly (readonly [name: string, ...values: readonly string[]])[] = [
  [
    "BASE_URL",
    " https://a.example.com ",
    "HTTPS://A.Example.COM:443",
    "https://a.example.com/x/",
    "https://a.example.com:8443",
    "http://localhost:8000",
    "http://127.0.0.1",
    "http://[::1]:80/",
    "https://bücher.example",
    "https://a.example.com/a b",
    "a.example.com",
    "ftp://a.example.com",
    "",
    "http://a.example.com",
    "https://u:p@a.example.com",
    "https://a.example.com/?q=1",
    "https://a.example.com/#f",
  ],
  ["ISSUER_URL", "https://i.example.com", "https://i.example.com/x", ""],
  ["CONFIG_URL", DISCOVERY.replace("tenant", "TENANT"), ""],
  ["CLIENT_ID", "a b", "0123", "null", "true", '"quoted"', "ünïcode", " x ", "", " "],
  ["CLIENT_SECRET", " keeps spaces ", "$ecret{}#'\"\\", "[1]", "", " "],
  ["AUDIENCE", "https://api", "123", '["a"]', "null"],
  ["REDIRECT_PATH", "/cb", "cb", "/a/b/", "", "/cb?x=1", "//cb", "/a b"],
  [
    "REQUIRED_SCOPES",
    "a",
    "a,b",
    "a b",
    "a, b ,c",
    '["a","b"]',
    '["a b", " c ", ""]',
    "[ ]",
    "",
    " ",
    ",",
    '"openid"',
    '"a b"',
    "null",
    "123",
    "true",
    '{"a":1}',
    "[bad",
    "[1,2]",
    "1.5",
    "https://x/y api://z",
    "a\tb\nc",
    "NaN",
    "[null]",
    "[true]",
    '[["a"]]',
    "openid,openid",
  ],
  [
    "ALLOWED_CLIENT_REDIRECT_URIS",
    '["http://localhost:*"]',
    "[]",
    "null",
    '["http://localhost:*","https://*.example.com/*"]',
    "http://localhost:*",
    "a,b",
    "",
    "[1]",
    '{"a":1}',
  ],
  ["JWT_SIGNING_KEY", "a signing key", "123", "[]"],
];

/** The text of a file after what Auth0 requires. */
const syntax: Values = {
  "a value in double quotes": `${AUTH0}CLIENT_ID="a b"`,
  "a value in single quotes": `${AUTH0}CLIENT_ID='a b'`,
  "escapes in double quotes": `${AUTH0}CLIENT_SECRET="a\\n\\t\\"\\\\ \\x"`,
  "escapes in single quotes": `${AUTH0}CLIENT_SECRET='a\\n\\'\\\\ \\x'`,
  "several lines in quotes": `${AUTH0}CLIENT_SECRET="one\ntwo"\n${AUTH0}AUDIENCE=after`,
  "a comment after a value": `${AUTH0}CLIENT_ID=abc#def # note`,
  "a comment after quotes": `${AUTH0}CLIENT_ID="a # b" # note`,
  "lines of comments": `# ${AUTH0}CLIENT_ID=no\n   # no\n${AUTH0}AUDIENCE=yes`,
  "export before a name": `export ${AUTH0}CLIENT_ID=exported`,
  "spaces around the sign": `  ${AUTH0}CLIENT_ID  =  spaced  `,
  "a tab around the sign": `${AUTH0}CLIENT_ID\t=\ttabbed\t`,
  "an empty value": `${AUTH0}ISSUER_URL=https://i.example.com\n${AUTH0}REQUIRED_SCOPES=`,
  "empty quotes": `${AUTH0}REQUIRED_SCOPES=""`,
  "a name alone": `${AUTH0}CLIENT_ID`,
  "a name in quotes": `'${AUTH0}CLIENT_ID'=quoted`,
  "a repeated name": `${AUTH0}CLIENT_ID=one\n${AUTH0}CLIENT_ID=two`,
  "a name repeated in another case": `${AUTH0.toLowerCase()}client_id=two`,
  "signs in a value": `${AUTH0}CLIENT_ID=a=b==`,
  "no line break at the end": `${AUTH0}CLIENT_ID=last`,
  "an unclosed quote": `${AUTH0}CLIENT_ID="open\n${AUTH0}AUDIENCE=next`,
  "text after quotes": `${AUTH0}CLIENT_ID="a" b\n${AUTH0}AUDIENCE=next`,
  "a line that is none": `!!!\n${AUTH0}AUDIENCE=next`,
  interpolation: `ID=x1\n${AUTH0}CLIENT_ID=\${ID}-\${ID}`,
  "interpolation in double quotes": `ID=x1\n${AUTH0}CLIENT_ID="<\${ID}>"`,
  "interpolation in single quotes": `ID=x1\n${AUTH0}CLIENT_ID='<\${ID}>'`,
  "interpolation with a default": `${AUTH0}CLIENT_ID=\${NOPE:-dflt}`,
  "interpolation with an empty default": `${AUTH0}CLIENT_ID=x\${NOPE:-}y`,
  "interpolation of nothing": `${AUTH0}CLIENT_ID=x\${NOPE}y`,
  "interpolation of a later name": `${AUTH0}CLIENT_ID=x\${LATER}\nLATER=1`,
  "interpolation of the process": `${AUTH0}CLIENT_ID=\${OUTER}`,
  "interpolation of a name of both": `OUTER=file\n${AUTH0}CLIENT_ID=\${OUTER}`,
  "no interpolation without braces": `ID=x1\n${AUTH0}CLIENT_ID=$ID`,
  "interpolation of its own variables": `${AUTH0}AUDIENCE=\${${AUTH0}BASE_URL}/mcp`,
  "a JSON list": `${AUTH0}REQUIRED_SCOPES=["a", "b"]`,
  "a JSON list in single quotes": `${AUTH0}REQUIRED_SCOPES='["a", "b"]'`,
  "a JSON list in double quotes": `${AUTH0}REQUIRED_SCOPES="[\\"a\\", \\"b\\"]"`,
  "a JSON list on several lines": `${AUTH0}REQUIRED_SCOPES='[\n  "a",\n  "b"\n]'`,
  "a JSON list of redirect URIs": `${AUTH0}ALLOWED_CLIENT_REDIRECT_URIS='["http://localhost:*"]'`,
  "names that nobody reads": `${AUTH0}NOBODY=1\nOTHER=2\nPYTHONPATH=3`,
  "characters beyond ASCII": `${AUTH0}CLIENT_ID=grün✓`,
};

function ofSyntax(): GoldenFile[] {
  const env = { OUTER: "process" };
  return Object.entries(syntax).flatMap(([title, text]) => {
    const file = lines(auth0) + text;
    return [
      { title: `syntax: ${title}`, file, env },
      { title: `syntax, CRLF: ${title}`, file: file.replaceAll("\n", "\r\n"), env },
    ];
  });
}

const named = { [`${AUTH0}CLIENT_ID`]: "from the named file" };

const places: readonly GoldenFile[] = [
  { title: "place: a byte order mark", file: `\uFEFF${lines(auth0)}` },
  { title: "place: a byte order mark and a comment", file: `\uFEFF# note\n${lines(auth0)}` },
  { title: "place: an empty file", file: "", env: auth0 },
  {
    title: "place: an empty value of the process wins",
    file: lines({ ...auth0, [`${AUTH0}REQUIRED_SCOPES`]: "a" }),
    env: { [`${AUTH0}REQUIRED_SCOPES`]: "" },
  },
  {
    title: "place: another case of the process wins",
    file: lines(auth0),
    env: { [`${AUTH0}CLIENT_ID`.toLowerCase()]: "process" },
  },
  {
    title: "place: a file by name",
    name: "prod.env",
    file: lines({ ...auth0, ...named }),
    env: { FASTMCP_ENV_FILE: "prod.env" },
  },
  {
    title: "place: a file by path",
    name: "a.env",
    file: lines({ ...auth0, ...named }),
    env: { FASTMCP_ENV_FILE: "./a.env" },
  },
  { title: "place: no file by an empty name", file: lines(auth0), env: { FASTMCP_ENV_FILE: "" } },
  { title: "place: a file that is not there", file: lines(auth0), env: { FASTMCP_ENV_FILE: "missing.env", ...auth0 } },
  { title: "place: another name for the file, in the file", file: lines({ FASTMCP_ENV_FILE: "x.env", ...auth0 }) },
];

const ofAuth = [
  "",
  "nope.Provider",
  "fastmcp.server.auth.providers.auth0.Nope",
  "fastmcp.server.auth.providers.auth0:Auth0Provider",
  "  fastmcp.server.auth.providers.auth0.Auth0Provider",
].map((value) => ({ title: `choice: ${JSON.stringify(value)}`, file: "", env: { ...auth0, [AUTH]: value } }));

const jwt = variables(providerOf("JWT"), providerOf("JWT").required);

/** The package gives some classes of its modules. */
const ofPackage = ["fastmcp.server.auth.JWTVerifier", "fastmcp.server.auth:JWTVerifier"].map((value) => ({
  title: `choice: ${JSON.stringify(value)}`,
  file: lines({ ...jwt, [AUTH]: value }),
}));

const withoutChoice: GoldenFile = {
  title: "choice: not made",
  file: lines(Object.fromEntries(Object.entries(auth0).filter(([name]) => name !== AUTH))),
};

const serverValues: readonly (readonly [name: string, ...values: readonly string[]])[] = [
  ["HOST", "0.0.0.0", "::1", "example.com", ""],
  ["PORT", "9000", " 9000 ", "+80", "0", "9000.0", "9_000", "9000.5", "x", "", "-1", "70000", "NaN", "1e3", "Infinity"],
  ["STREAMABLE_HTTP_PATH", "/x", "/a/b", "/x/", ""],
  ["LOG_LEVEL", "DEBUG", "debug", "Warning", "CRITICAL", "loud", ""],
];

const audienceLeak = ["AUTHKITPROVIDER", "SCALEKITPROVIDER", "SUPABASE"].map((prefix) => ({
  title: `${prefix}: the audience of JWT_`,
  file: lines({
    ...variables(providerOf(prefix), providerOf(prefix).required),
    [`${AUTH}_JWT_AUDIENCE`]: "https://api",
  }),
}));

const oneOf = (prefix: string, name: string, list: readonly string[]) =>
  list.map((value) => ({
    title: `${prefix}: ${name} is ${JSON.stringify(value)}`,
    file: "",
    env: variables(providerOf(prefix), { ...providerOf(prefix).required, [name]: value }),
  }));

const serverOf = (name: string, list: readonly string[]) =>
  list.map((value) => ({
    title: `server: ${name} is ${JSON.stringify(value)}`,
    file: lines(auth0),
    env: { [`FASTMCP_${name}`]: value },
  }));

const replaced = (prefix: string, title: string, without: string, instead: Values) => ({
  title: `${prefix}: ${title}`,
  file: lines(
    variables(providerOf(prefix), {
      ...Object.fromEntries(Object.entries(providerOf(prefix).required).filter(([name]) => name !== without)),
      ...instead,
    }),
  ),
});

const insteadOfOthers: readonly GoldenFile[] = [
  replaced("SCALEKITPROVIDER", "the older name of BASE_URL", "BASE_URL", { MCP_URL: "https://old.example.com" }),
  replaced("DESCOPEPROVIDER", "an app of the older kind", "CONFIG_URL", {
    PROJECT_ID: "P2abc",
    DESCOPE_BASE_URL: "https://api.descope.com",
  }),
  replaced("JWT", "a shared secret", "JWKS_URI", {
    PUBLIC_KEY: "'a shared secret of more than 32 bytes'",
    ALGORITHM: "HS256",
  }),
  replaced("JWT", "a key and its address", "", { PUBLIC_KEY: "'a shared secret of more than 32 bytes'" }),
];

/** Every file, each with a title of its own. */
export const goldenFiles: readonly GoldenFile[] = [
  ...GOLDEN_PROVIDERS.flatMap(ofProvider),
  ...values.flatMap(([name, ...list]) => oneOf("AUTH0", name, list)),
  ...oneOf("JWT", "AUDIENCE", ["a", '["a","b"]', "null", '"a"', "12345", "true", '{"a":1}', "[bad"]),
  ...oneOf("JWT", "ISSUER", ["https://i.example/", '["https://i.example/","b"]', "12345"]),
  ...oneOf("JWT", "ALGORITHM", ["RS256", "ES384", "PS512", "none"]),
  ...oneOf("GITHUB", "TIMEOUT_SECONDS", ["25", "15.5", "15.0", "", "x", " 7 "]),
  ...ofSyntax(),
  ...places,
  ...ofAuth,
  ...ofPackage,
  withoutChoice,
  ...serverValues.flatMap(([name, ...list]) => serverOf(name, list)),
  ...audienceLeak,
  ...insteadOfOthers,
];

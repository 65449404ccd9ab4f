// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how an env file refers to a variable.

/** A mistake of somebody who runs a server, and what each of them sees: words that the tests assert. */
export interface OperatorMistake {
  readonly mistake: string;
  /** What an MCP client or its user reads. `undefined`: nothing is served. */
  readonly client: string | undefined;
  /** What the terminal, or the log, shows. `undefined`: nothing. */
  readonly terminal: string | undefined;
  /** What `mcp-env-auth doctor` shows. `undefined`: it can't see it. */
  readonly doctor: string | undefined;
}

/** What a client gets at a login that works. */
export const WORKS = "access_token";

const NOT_CONNECTED = "The server is not connected to its identity provider yet.";
const NOT_ACCEPTED = "The identity provider does not accept our application";

/** docs/mistakes.md is checked against these. */
export const operatorMistakes = {
  domain: {
    mistake: "The provider's domain is wrong, or nothing answers there",
    client: NOT_CONNECTED,
    terminal: "The identity provider can't be reached. No answer from",
    doctor: "the connection was refused (ECONNREFUSED)",
  },
  clientId: {
    mistake: "The client id is wrong",
    client: "Unknown client",
    terminal: NOT_ACCEPTED,
    doctor: "The provider does not redirect to",
  },
  clientSecret: {
    mistake: "The client secret is wrong",
    client: "The identity provider refused this server's request. The server's log names the setting to check.",
    terminal: NOT_ACCEPTED,
    doctor: NOT_ACCEPTED,
  },
  audience: {
    mistake: "The audience is no API of the provider",
    client: "access_denied",
    terminal: "The identity provider refused the login (access_denied",
    doctor: "The provider knows no API",
  },
  callback: {
    mistake: "The callback URL is not allowed at the provider",
    client: "Callback URL mismatch",
    terminal: "The identity provider must allow this callback URL:",
    doctor: "The provider does not redirect to",
  },
  quotes: {
    mistake: "Quotes belong to the value, as with `docker run --env-file`",
    client: "The identity provider refused this server's request.",
    terminal: "begins or ends with a space or a quote",
    doctor: "begins or ends with a space or a quote",
  },
  lineFeed: {
    mistake: "A line feed ends the value, as from a Kubernetes secret",
    client: WORKS,
    terminal: "has invisible characters at its ends, which are ignored.",
    doctor: "has invisible characters at its ends, which are ignored.",
  },
  placeholder: {
    mistake: "A placeholder such as `YOUR_CLIENT_ID` was left in",
    client: undefined,
    terminal: "is a placeholder. Replace it with the value itself.",
    doctor: "is a placeholder. Replace it with the value itself.",
  },
  unset: {
    mistake: "The variable inside `${…}` is not set",
    client: undefined,
    terminal: "TENANT is not set",
    doctor: "TENANT is not set",
  },
  portTaken: {
    mistake: "The port is taken by another program",
    client: undefined,
    terminal: "is in use. Stop what listens there, or set another FASTMCP_PORT.",
    doctor: "which is not this server's answer.",
  },
  port: {
    mistake: "`PORT` is set, and counts only on a known hosting platform",
    client: undefined,
    terminal: "PORT is set, and this server does not read it.",
    doctor: "PORT is set, and this server does not read it.",
  },
  expired: {
    mistake: "The certificate of the provider has expired",
    client: NOT_CONNECTED,
    terminal: "its certificate has expired (CERT_HAS_EXPIRED)",
    doctor: "its certificate has expired (CERT_HAS_EXPIRED)",
  },
  selfSigned: {
    mistake: "The certificate of the provider is self-signed",
    client: NOT_CONNECTED,
    terminal: "its certificate is self-signed",
    doctor: "NODE_EXTRA_CA_CERTS names the file",
  },
  clock: {
    mistake: "The clock of the server is wrong",
    client: "server_error",
    terminal: "compare the clocks",
    doctor: "This machine's clock is",
  },
  redis: {
    mistake: "Redis is down",
    client: "Not available right now",
    terminal: "Redis does not answer: the connection was refused (ECONNREFUSED).",
    doctor: "Redis does not answer: the connection was refused (ECONNREFUSED).",
  },
  proxyCount: {
    mistake: "`FASTMCP_TRUST_PROXY` does not count the proxy in front, so that all clients share one limit",
    client: "Too many requests from this address. Try again later.",
    terminal: "FASTMCP_TRUST_PROXY is 0, and BASE_URL is https",
    doctor: "all clients share its address",
  },
  pathPrefix: {
    mistake: "The path of `BASE_URL` is not the one that the proxy forwards",
    client: "404",
    terminal: undefined,
    doctor: "which is not this server's answer.",
  },
  wellKnown: {
    mistake: "`/.well-known` at the root of the host is not forwarded",
    client: "404",
    terminal: undefined,
    doctor: "Clients that only look there can't log in.",
  },
  twoKeys: {
    mistake: "Two replicas have two signing keys",
    client: "The access token is not one that this server issued, or its keys have changed since.",
    terminal: undefined,
    doctor: "this configuration does not have the key that sealed it",
  },
  keyLost: {
    mistake: "The signing key was lost or changed",
    client: "This client is not registered with this server. Register again and repeat the login.",
    terminal: undefined,
    doctor: "this configuration does not have the key that sealed it",
  },
} satisfies Record<string, OperatorMistake>;

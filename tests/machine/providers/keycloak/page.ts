import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runTool } from "../support/programs.ts";
import { KeycloakAdmin } from "./admin.ts";
import { machine, REALM } from "./realm.ts";

const PAGE = new URL("../../../../docs/providers/keycloak.md", import.meta.url);
const PREFIX = "FASTMCP_SERVER_AUTH_KEYCLOAK_";

/** What a reader fills in. */
const FILLED_IN = ["KEYCLOAK", "REALM", "MCP_URL", "MACHINE"] as const;

interface Page {
  /** The commands, in the page's order. */
  readonly commands: string;
  /** What the page puts into `.env`, without the prefix and the addresses. */
  readonly settings: Readonly<Record<string, string>>;
  readonly scope: string;
  readonly role: string;
}

/** The commands and the `.env` of docs/providers/keycloak.md. */
export async function readPage(): Promise<Page> {
  const text = await readFile(PAGE, "utf8");
  const byHand = text.slice(0, text.indexOf("## Variables"));
  const blocks = [...byHand.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, indent = "", block = ""]) =>
    block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
  const [env = "", ...others] = blocks.filter((block) => block.startsWith("FASTMCP_"));
  if (env === "" || others.length > 0) {
    throw new Error("The page needs one block that begins with FASTMCP_SERVER_AUTH");
  }
  const commands = blocks.filter((block) => block !== env).join("");
  const { REALM_URL, BASE_URL, ...settings } = Object.fromEntries(
    Array.from(env.matchAll(new RegExp(`^${PREFIX}(\\w+)=(.*)$`, "gm")), ([, name, value]) => [name, value]),
  );
  if (REALM_URL === undefined || BASE_URL === undefined) {
    throw new Error("The page must set REALM_URL and BASE_URL");
  }
  return {
    commands,
    settings,
    scope: assigned(commands, "SCOPE"),
    role: assigned(commands, "ROLE"),
  };
}

function assigned(commands: string, name: string): string {
  const [, value] = new RegExp(`^${name}=(.+)$`, "m").exec(commands) ?? [];
  if (value === undefined) {
    throw new Error(`The page needs a line ${name}=…`);
  }
  return value;
}

/** Sets the realm up as the page says, by its own commands. They stop at the first that fails. */
export async function followPage(kcadm: string, keycloak: string, server: string): Promise<void> {
  const { commands } = await readPage();
  const values = { KEYCLOAK: keycloak, REALM, MCP_URL: `${server}/mcp`, MACHINE: machine.clientId };
  let filledIn = commands;
  for (const name of FILLED_IN) {
    assigned(commands, name);
    filledIn = filledIn.replace(new RegExp(`^${name}=.*$`, "m"), `${name}='${values[name]}'`);
  }
  const home = await mkdtemp(path.join(tmpdir(), "kcadm-"));
  try {
    const script = ["set -eo pipefail", `kcadm.sh() { bash '${kcadm}' "$@"; }`, filledIn].join("\n");
    await runTool("bash", ["-c", script], {
      cwd: home,
      env: {
        // It keeps the administrator's tokens in the home of its user, which Java asks the system for.
        KC_OPTS: `-Duser.home=${home} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
        KC_CLI_PASSWORD: KeycloakAdmin.env.KC_BOOTSTRAP_ADMIN_PASSWORD,
      },
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startProcess } from "test-support/processes";
import { repository } from "../../support/scaffolder.ts";

const TLS = path.join(repository, "packages/mcp-env-auth/src/lib/testing/tls");
const CERTIFICATE = path.join(TLS, "good.pem");
const KEY = path.join(TLS, "key.pem");

/** Trust it for https://localhost. */
export const AUTHORITY = path.join(TLS, "ca.pem");

/** Reads a file of the folder deploy. */
export const readDeployFile = (file: string): Promise<string> =>
  readFile(path.join(repository, "deploy", file), "utf8");

/** How a path in front of the server is treated: not at all, or by a file of deploy/path-prefix. */
export type Prefix = "none" | "kept" | "stripped";

export interface DeployedProxyOptions {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** The replicas, in the place of 8001 and 8002. */
  readonly replicas: readonly [number, number];
  readonly prefix?: Prefix;
  /** Its configuration; default the one in the folder deploy. */
  readonly configuration?: string;
}

interface Program {
  readonly program: string;
  readonly file: string;
  readonly args: (folder: string) => readonly string[];
  /** Puts the ways of a path into the place of those that the file has for all of them. */
  withPrefix(text: string, prefix: Exclude<Prefix, "none">): Promise<string>;
  /** The text with what this machine has: ports, certificates, folders. */
  here(text: string, port: number, folder: string): string;
}

/** As root, nginx would give its worker to a user who may not write to the folder. */
const nginxUser = process.getuid?.() === 0 ? "user root;" : "";

const PROGRAMS = {
  nginx: {
    program: "nginx",
    file: "systemd-nginx/deploy/nginx.conf",
    args: (folder) => ["-p", folder, "-e", "stderr", "-c"],
    withPrefix: async (text, prefix) =>
      replace(text, / {2}location \/ \{.*?\n {2}\}\n/s, await readDeployFile(`path-prefix/nginx-${prefix}.conf`)),
    here: (text, port, folder) => `${nginxUser}
daemon off;
pid ${folder}/nginx.pid;
events {}
http {
access_log off;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n")}
${replaceAll(text, {
  "listen 443": `listen 127.0.0.1:${port}`,
  "server_name mcp.example.com": "server_name localhost",
  "/etc/letsencrypt/live/mcp.example.com/fullchain.pem": CERTIFICATE,
  "/etc/letsencrypt/live/mcp.example.com/privkey.pem": KEY,
})}
}
`,
  },
  Caddy: {
    program: "caddy",
    file: "systemd-caddy/deploy/Caddyfile",
    args: () => ["run", "--adapter", "caddyfile", "--config"],
    withPrefix: async (text, prefix) =>
      replace(text, /\treverse_proxy.*\n\t\}\n/s, await readDeployFile(`path-prefix/Caddyfile-${prefix}`)),
    here: (text, port) => `{
	admin off
	auto_https disable_redirects
	log {
		level ERROR
	}
}
${replaceAll(text, {
  "mcp.example.com {": `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${CERTIFICATE} ${KEY}`,
})}`,
  },
  HAProxy: {
    program: "haproxy",
    file: "haproxy/haproxy.cfg",
    args: () => ["-db", "-f"],
    withPrefix: async (text, prefix) =>
      replace(text, "\tdefault_backend mcp-server\n", await readDeployFile(`path-prefix/haproxy-${prefix}.cfg`)),
    here: (text, port, folder) =>
      replaceAll(text, {
        "bind :443 ssl crt /etc/haproxy/mcp.example.com.pem": `bind 127.0.0.1:${port} ssl crt ${folder}/both.pem`,
      }),
  },
} as const satisfies Record<string, Program>;

export type DeployedProxyName = keyof typeof PROGRAMS;

export const DEPLOYED_PROXIES = Object.keys(PROGRAMS) as readonly DeployedProxyName[];

/** Starts a proxy with its file of the folder deploy, at https://localhost, in front of replicas that are there. */
export async function startDeployedProxy(
  name: DeployedProxyName,
  { port, replicas, prefix = "none", configuration }: DeployedProxyOptions,
): Promise<{ stop(): Promise<void> }> {
  const program: Program = PROGRAMS[name];
  const folder = await mkdtemp(path.join(tmpdir(), "deployed-"));
  const given = configuration ?? (await readDeployFile(program.file));
  const routed = prefix === "none" ? given : await program.withPrefix(given, prefix);
  const [one, two] = replicas;
  const script = path.join(folder, "configuration");
  await writeFile(path.join(folder, "both.pem"), (await readFile(CERTIFICATE, "utf8")) + (await readFile(KEY, "utf8")));
  await writeFile(
    script,
    program.here(
      routed.replaceAll("127.0.0.1:8001", `127.0.0.1:${one}`).replaceAll("127.0.0.1:8002", `127.0.0.1:${two}`),
      port,
      folder,
    ),
  );
  const running = await startProcess({
    name,
    program: program.program,
    programArgs: program.args(folder),
    script,
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    // Until the proxy itself is seen to answer, by who asks with its authority.
    readyUrl: `http://127.0.0.1:${one}/healthz`,
  });
  return {
    async stop() {
      await running.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function replaceAll(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((done, [from, to]) => replace(done, from, to), text);
}

/** A file that no longer has what is replaced would be tested without it. */
function replace(text: string, from: string | RegExp, to: string): string {
  const replaced = text.replace(from, () => to);
  if (replaced === text) {
    throw new Error(`${from} is not in the configuration.`);
  }
  return replaced;
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";

/** A reverse proxy on 127.0.0.1 that passes each of its ports on to another one, and says where requests come from. */
export interface ReverseProxy {
  /** What it listens on, in the order of the ports that it was given. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** From a port that it listens on to the one behind it. */
type Route = readonly [port: number, target: number];

interface ProxyProgram {
  readonly program: string;
  /** In front of the path of its configuration. */
  readonly args: (directory: string) => readonly string[];
  readonly configuration: (routes: readonly Route[], directory: string) => string;
}

/** As root, nginx would give its worker to a user who may not write to the directory. */
const nginxUser = process.getuid?.() === 0 ? "user root;" : "";

const PROGRAMS = {
  nginx: {
    program: "nginx",
    args: (directory) => ["-p", directory, "-e", "stderr", "-c"],
    configuration: (routes, directory) => `
${nginxUser}
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `  ${kind}_temp_path ${directory}/${kind};`).join("\n")}
${routes
  .map(
    ([port, target]) => `
  upstream of_${port} { server 127.0.0.1:${target}; keepalive 32; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://of_${port};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`,
  )
  .join("\n")}
}
`,
  },
  Caddy: {
    program: "caddy",
    args: () => ["run", "--adapter", "caddyfile", "--config"],
    configuration: (routes) => `
{
	admin off
	auto_https off
	log {
		level ERROR
	}
}
${routes
  .map(
    ([port, target]) => `
http://:${port} {
	bind 127.0.0.1
	reverse_proxy 127.0.0.1:${target} {
		flush_interval -1
	}
}`,
  )
  .join("\n")}
`,
  },
} as const satisfies Record<string, ProxyProgram>;

export type ProxyName = keyof typeof PROGRAMS;

export const PROXY_NAMES = Object.keys(PROGRAMS) as readonly ProxyName[];

/**
 * Starts a proxy in front of servers that are there already.
 *
 * @param targets ports on 127.0.0.1. The first one answers `GET /healthz` or any other path with 2xx.
 */
export async function startReverseProxy(name: ProxyName, targets: readonly number[]): Promise<ReverseProxy> {
  const { program, args, configuration }: ProxyProgram = PROGRAMS[name];
  const directory = await mkdtemp(join(tmpdir(), "reverse-proxy-"));
  const routes: Route[] = [];
  for (const target of targets) {
    routes.push([await freePort(), target]);
  }
  const script = join(directory, "configuration");
  await writeFile(script, configuration(routes, directory));
  const ports = routes.map(([port]) => port);
  const running = await startProcess({
    name,
    program,
    programArgs: [...args(directory)],
    script,
    env: { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    readyUrl: `http://127.0.0.1:${ports[0]}/healthz`,
  });
  return {
    ports,
    async stop() {
      await running.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

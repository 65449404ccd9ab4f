import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Artifact, RecordedArtifact, RecordedClient, StoredEntry } from "./artifacts.ts";
import { deploy, type RunningDeployment } from "./deployment.ts";
import { exercise } from "./exercise.ts";
import type { Answer } from "./harness.ts";
import { envFileOf } from "./recorded.ts";
import { approve, BASE_URL, openCallback, openConsent, redeem } from "./steps.ts";

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface LoginOptions {
  readonly account: string;
  readonly scope?: string | undefined;
  readonly dpop?: true | undefined;
  /** The thumbprint that the code is bound to. */
  readonly dpopJkt?: string | undefined;
}

type Material = Artifact extends infer A ? (A extends Artifact ? Omit<A, "environment"> : never) : never;

/** Records what a server of one environment issues. */
export class Recorder {
  readonly environment: string;
  readonly deployment: RunningDeployment;
  readonly #kept: Artifact[] = [];

  constructor(environment: string, deployment: RunningDeployment) {
    this.environment = environment;
    this.deployment = deployment;
  }

  /**
   * Keeps an artifact for {@link Recorder.finish}. `environment` is that of the server that it will be presented to.
   */
  keep(material: Material, environment = this.environment): void {
    this.#kept.push({ ...material, name: `${environment}: ${material.name}`, environment });
  }

  /** What Redis holds now. */
  snapshot(): Readonly<Record<string, StoredEntry>> {
    return this.deployment.redis.entries();
  }

  /** Runs a command of the package against the environment and its Redis. */
  async runCommand(...args: readonly string[]): Promise<void> {
    const env = {
      ...process.env,
      FASTMCP_ENV_FILE: envFileOf("environments", this.environment),
      UPGRADE_REDIS_PORT: String(this.deployment.redis.port),
    };
    await promisify(execFile)("node_modules/.bin/mcp-env-auth", args, { env });
  }

  async register(metadata: Readonly<Record<string, unknown>> = {}): Promise<RecordedClient> {
    const redirectUri = "http://127.0.0.1:33418/callback";
    const body = JSON.stringify({ redirect_uris: [redirectUri], client_name: "Recorded client", ...metadata });
    const headers = { "content-type": "application/json" };
    const answer = await this.deployment.server.send(`${BASE_URL}/register`, { method: "POST", headers, body });
    const registered = parse<Record<string, string>>(answer, 201);
    return {
      id: registered.client_id ?? "",
      authMethod: registered.token_endpoint_auth_method as RecordedClient["authMethod"],
      ...(registered.client_secret !== undefined && { secret: registered.client_secret }),
      redirectUri,
    };
  }

  async openForm(client: RecordedClient, { scope, dpopJkt }: LoginOptions) {
    const page = await openConsent(this.deployment, client, {
      ...(scope !== undefined && { scope }),
      ...(dpopJkt !== undefined && { dpop_jkt: dpopJkt }),
    });
    if (page.request === undefined) {
      throw new Error(`No consent form (${page.status}): ${page.text}`);
    }
    return { request: page.request, cookie: page.cookie };
  }

  async beginLogin(client: RecordedClient, options: LoginOptions) {
    const { request, cookie } = await this.openForm(client, options);
    const approved = await approve(this.deployment, request, cookie);
    const callback = this.deployment.provider.logIn(required(approved.location), options.account);
    return { callback, cookie: approved.cookie };
  }

  async getCode(client: RecordedClient, options: LoginOptions): Promise<string> {
    const { callback, cookie } = await this.beginLogin(client, options);
    const { location } = await openCallback(this.deployment, callback, cookie);
    return required(new URL(required(location)).searchParams.get("code"));
  }

  async logIn(client: RecordedClient, options: LoginOptions): Promise<Tokens> {
    const code = await this.getCode(client, options);
    return parse(await redeem(this.deployment, client, code, options.dpop), 200);
  }

  /** Closes the server, and gives each artifact to a new one, as a restart would. */
  async finish(): Promise<readonly RecordedArtifact[]> {
    await this.deployment.close();
    const recorded: RecordedArtifact[] = [];
    for (const artifact of this.#kept) {
      const deployment = await deploy(envFileOf("environments", artifact.environment), artifact);
      try {
        recorded.push({ ...artifact, outcome: await exercise(deployment, artifact) });
      } finally {
        await deployment.close();
      }
    }
    return recorded;
  }
}

export function parse<T>({ status, text }: Answer, expected: number): T {
  if (status !== expected) {
    throw new Error(`Expected ${expected}, got ${status}: ${text}`);
  }
  return JSON.parse(text) as T;
}

function required<T>(value: T | undefined | null): T {
  if (value === undefined || value === null || value === "") {
    throw new Error("The server did not redirect as expected.");
  }
  return value;
}

import { McpServer } from "@modelcontextprotocol/server";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { createServer, protect } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../packages/mcp-env-auth/src/http/listener.ts";
import { until } from "./support/in-process.ts";

/** How clients spell what a server told them: issuers and resources with a slash at their end above all. */
let auth0: DevAuth0;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  await auth0?.close();
});

type Start = (env: Record<string, string>, port: number) => Promise<void>;

const WAYS: Readonly<Record<string, Start>> = {
  "run()": async (env, port) => {
    const server = createServer({ name: "Spelled", version: "1.0.0", env });
    closers.push(() => server.close());
    await server.run({ port });
  },
  "app()": async (env, port) => {
    const server = createServer({ name: "Spelled", version: "1.0.0", env });
    const listener = await listen(await server.app(), { host: "127.0.0.1", port }, { lull: 0 });
    closers.push(
      () => server.close(),
      () => listener.close(),
    );
  },
  "protect()": async (env, port) => {
    const app = express();
    const protection = await protect(app, () => new McpServer({ name: "Spelled", version: "1.0.0" }), { env });
    const listener = await listen(app, { host: "127.0.0.1", port }, { lull: 0 });
    closers.push(
      () => protection.close(),
      () => listener.close(),
    );
  },
};

describe.each(Object.entries(WAYS))("served by %s", (_way, start) => {
  describe.each(["", "/base"])("with BASE_URL's path %j", (path) => {
    let origin: string;

    beforeAll(async () => {
      const port = await freePort();
      origin = `http://127.0.0.1:${port}`;
      await start({ ...auth0.env(`${origin}${path}`), FASTMCP_LOG_LEVEL: "CRITICAL" }, port);
      await until(async () => (await fetch(`${origin}/readyz`)).ok);
    });

    async function documentAt(pathname: string): Promise<Record<string, unknown>> {
      const answer = await fetch(`${origin}${pathname}`, { redirect: "manual" });
      expect([pathname, answer.status]).toEqual([pathname, 200]);
      return (await answer.json()) as Record<string, unknown>;
    }

    it("finds the authorization server with its issuer's slash inserted, appended and doubled", async () => {
      for (const name of ["oauth-authorization-server", "openid-configuration"]) {
        const exact = await documentAt(`/.well-known/${name}${path}`);
        for (const spelled of [
          `/.well-known/${name}${path}/`,
          `//.well-known/${name}${path}`,
          `//.well-known/${name}${path}/`,
          `/.well-known/${name}/${path}/`,
        ]) {
          expect(await documentAt(spelled)).toEqual(exact);
        }
      }
      for (const spelled of [
        `${path}//.well-known/openid-configuration`,
        `/${path}/.well-known/openid-configuration/`,
      ]) {
        expect(await documentAt(spelled)).toHaveProperty("jwks_uri");
      }
    });

    it("has a key set without keys, where the alias says", async () => {
      const { jwks_uri } = await documentAt(`/.well-known/openid-configuration${path}`);
      expect(await (await fetch(String(jwks_uri))).json()).toEqual({ keys: [] });
    });

    it("names the MCP endpoint as a client spells it, in the challenge and the metadata", async () => {
      for (const slash of ["", "/"]) {
        const url = `${origin}${path}/mcp${slash}`;
        const refused = await fetch(url, { method: "POST", redirect: "manual" });
        expect(refused.status).toBe(401);
        const [, metadata = ""] =
          /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
        const found = (await (await fetch(metadata, { redirect: "manual" })).json()) as { resource: string };
        expect(found.resource).toBe(url);
        expect((await documentAt(`/.well-known/oauth-protected-resource${path}/mcp${slash}`)).resource).toBe(url);
      }
    });

    it("answers a browser's preflight with a slash without a redirect", async () => {
      const headers = {
        Origin: origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
      };
      const answer = await fetch(`${origin}${path}/mcp/`, { method: "OPTIONS", headers, redirect: "manual" });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    });
  });
});

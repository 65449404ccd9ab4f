import { describe, expect, it } from "vitest";
import { DENIAL_OF_ALL, denialUntil } from "../../store/guard-entry.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { identityHash } from "../tokens/sealed-tokens.ts";
import type { Machines } from "./machines.ts";

const machines: Machines = { clients: ["dev-auth0-machine"], acceptUpstreamTokens: true };
const proxy = useProxy();

describe("a machine's own token of the provider's", () => {
  const mint = () => proxy.auth0.issueMachineToken({ clientId: "dev-auth0-machine" });

  it("says whose it is", async () => {
    const server = await proxy.start({ machines });
    const token = await mint();
    await expect(server.proxy.verifier.verify(token)).resolves.toMatchObject({
      subject: "dev-auth0-machine@clients",
      clientId: "dev-auth0-machine",
      scopes: ["weather:read", "weather:write"],
      token,
    });
  });

  it.each([
    ["subject", "deny-subject", "dev-auth0-machine@clients"],
    ["client", "deny-client", "dev-auth0-machine"],
  ] as const)("is refused once its %s is denied, though it was accepted before", async (_what, kind, id) => {
    const server = await proxy.start({ machines });
    const token = await mint();
    await server.proxy.verifier.verify(token);
    await server.options.store.set(kind, identityHash(id), DENIAL_OF_ALL, 3600);
    await expect(server.proxy.verifier.verify(token)).rejects.toMatchObject({ code: "invalid_token" });
    await expect(server.proxy.verifier.verify(await mint())).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("is refused when what its client had was ended, and a new one is not", async () => {
    const server = await proxy.start({ machines });
    const earlier = await mint();
    const { store, clock } = server.options;
    await store.set("deny-client", identityHash("dev-auth0-machine"), denialUntil(clock()), 3600);
    proxy.clock.advance(1);
    await expect(server.proxy.verifier.verify(earlier)).rejects.toMatchObject({ code: "invalid_token" });
    await expect(server.proxy.verifier.verify(await mint())).resolves.toBeDefined();
    const undated = await proxy.auth0.issueMachineToken({ clientId: "dev-auth0-machine", claims: { iat: undefined } });
    await expect(server.proxy.verifier.verify(undated)).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("ends within minutes of the provider taking back the key that signed it", async () => {
    const server = await proxy.start({ machines });
    const token = await mint();
    const first = await server.proxy.verifier.verify(token);
    proxy.clock.advance(59);
    expect(await server.proxy.verifier.verify(token)).toBe(first);
    await proxy.auth0.rotateKeys();
    // The keys known are ten minutes old then, and are asked for again beside the call.
    proxy.clock.advance(600);
    await server.proxy.verifier.verify(token);
    await expect
      .poll(() => {
        proxy.clock.advance(60);
        return server.proxy.verifier.verify(token).then(() => "good", String);
      })
      .toContain("no RS256 key");
  });

  it("is no verdict while the provider's keys can't be had", async () => {
    const server = await proxy.start({ machines });
    proxy.auth0.misbehave({ jwks: "down" });
    await expect(server.proxy.verifier.verify(await mint())).rejects.toMatchObject({ status: 503 });
  });
});

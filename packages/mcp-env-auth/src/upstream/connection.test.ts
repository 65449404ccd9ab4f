import { startDevAuth0 } from "dev-auth0";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "../errors.ts";
import { createAuthorizationCodeClient } from "./authorization-code-client.ts";
import { createUpstreamConnection, type UpstreamConnectionOptions } from "./connection.ts";
import { discoverMetadata } from "./discovery.ts";
import { recordingLogger } from "./testing/recording-logger.ts";
import type { Upstream } from "./upstream.ts";
import { NoMetadata, UpstreamError } from "./upstream-client.ts";

const UPSTREAM = {} as Upstream;
const notFound = () => new NoMetadata({ variable: "CONFIG_URL", message: "it answered 404." }, "answered 404");
const unavailable = () => new UpstreamError("unavailable", "https://tenant.example answered 503.");

function connect(options: Partial<UpstreamConnectionOptions>) {
  const logger = recordingLogger();
  const pauses: number[] = [];
  const connection = createUpstreamConnection({
    discover: async () => UPSTREAM,
    logger,
    random: () => 0,
    pause: async (seconds) => {
      pauses.push(seconds);
    },
    ...options,
  });
  return { connection, logger, pauses };
}

/** Fails `times` times, then finds the provider. */
function failing(times: number): () => Promise<Upstream> {
  let calls = 0;
  return async () => {
    calls++;
    if (calls <= times) {
      throw unavailable();
    }
    return UPSTREAM;
  };
}

describe("the connection to the identity provider", () => {
  it("knows the provider once it is found, not before", async () => {
    const { connection } = connect({});
    expect(connection.current()).toBeUndefined();
    await connection.start();
    expect(connection.current()).toBe(UPSTREAM);
  });

  it("tries again while the provider can't be reached, with pauses that grow up to 30 s", async () => {
    const { connection, pauses } = connect({ discover: failing(8) });
    await connection.start();
    expect(connection.current()).toBe(UPSTREAM);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it("shortens each pause at random by up to a half", async () => {
    const { connection, pauses } = connect({ discover: failing(2), random: () => 0.999999 });
    await connection.start();
    expect(pauses.map((seconds) => Math.round(seconds * 100) / 100)).toEqual([0.5, 1]);
  });

  it("logs each failure with what to check", async () => {
    const { connection, logger } = connect({ discover: failing(2), hint: "Check FASTMCP_X_CONFIG_URL." });
    await connection.start();
    expect(logger.lines).toHaveLength(2);
    expect(logger.lines[1]).toMatchObject({
      level: "warn",
      fields: { attempt: 2, retryInSeconds: 2 },
      message:
        "The identity provider can't be reached. https://tenant.example answered 503. Check FASTMCP_X_CONFIG_URL.",
    });
  });

  it("rejects at once with what no retry puts right", async () => {
    const error = new ConfigError("wrong");
    const { connection, pauses } = connect({ discover: () => Promise.reject(error) });
    await expect(connection.start()).rejects.toBe(error);
    expect(pauses).toEqual([]);
    expect(connection.current()).toBeUndefined();
  });

  it("takes the first answer of something else for final, where nothing says that it may pass", async () => {
    const error = notFound();
    const { connection, pauses } = connect({ discover: () => Promise.reject(error) });
    await expect(connection.start()).rejects.toBe(error);
    expect(pauses).toEqual([]);
  });

  it("finds the provider once, however often it is started", async () => {
    let calls = 0;
    const { connection } = connect({
      discover: async () => {
        calls++;
        return UPSTREAM;
      },
    });
    await Promise.all([connection.start(), connection.start()]);
    await connection.start();
    expect(calls).toBe(1);
  });

  it("stops trying when it is closed, in the middle of a pause of its own timer", async () => {
    const logger = recordingLogger();
    let calls = 0;
    const connection = createUpstreamConnection({
      discover: async () => {
        calls++;
        throw unavailable();
      },
      logger,
    });
    const started = connection.start();
    await expect.poll(() => logger.lines.length).toBe(1);
    connection.close();
    await started;
    expect(calls).toBe(1);
    expect(connection.current()).toBeUndefined();
  });

  it("finds a provider that comes up late, and keeps it when it goes down again", async () => {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    auth0.misbehave({ discovery: { status: 503 } });
    const logger = recordingLogger();
    const { connection } = connect({
      logger,
      pause: async () => {
        await auth0.restore();
      },
      discover: async () => {
        const metadata = await discoverMetadata({ configUrl: new URL(auth0.configUrl), variable: "CONFIG_URL" });
        const variables = { clientId: "ID", clientSecret: "SECRET" };
        return { ...UPSTREAM, client: createAuthorizationCodeClient({ metadata, clientId: "one", variables, logger }) };
      },
    });
    await connection.start();
    await auth0.goOffline();
    expect(connection.current()?.client.metadata.issuer).toBe(auth0.issuer);
    expect(logger.lines).toHaveLength(1);
  });
});

describe("something else that answers in the provider's place", () => {
  /** Time passes in pauses only. `outcomes` are those of each attempt, the last one of all that follow. */
  function connectLate(outcomes: readonly (Error | undefined)[]) {
    let now = 0;
    let attempts = 0;
    const times: number[] = [];
    const connected = connect({
      patience: 120,
      clock: () => now,
      pause: async (seconds) => {
        now += seconds;
      },
      discover: async () => {
        times.push(now);
        const error = outcomes[Math.min(attempts, outcomes.length - 1)];
        attempts++;
        if (error !== undefined) {
          throw error;
        }
        return UPSTREAM;
      },
    });
    return { ...connected, times };
  }

  it("is a warning at once, and no longer matters when the provider answers itself", async () => {
    const { connection, logger } = connectLate([notFound(), notFound(), undefined]);
    const started = connection.start();
    await expect.poll(() => logger.lines.length).toBeGreaterThan(0);
    await started;
    expect(connection.current()).toBe(UPSTREAM);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
    expect(logger.lines[0]?.message).toContain(
      "If it still does in 120 s, the start fails. CONFIG_URL: it answered 404.",
    );
  });

  it("ends the start with its sentence after two minutes, and is told until then and afterwards", async () => {
    const error = notFound();
    const { connection, times } = connectLate([error]);
    expect(connection.trouble()).toBeUndefined();
    await expect(connection.start()).rejects.toBe(error);
    expect(times.at(-1)).toBeGreaterThanOrEqual(120);
    expect(times.at(-2)).toBeLessThan(120);
    expect(connection.trouble()).toBe("answered 404");
  });

  it("has its two minutes from its first answer on, and anew after an outage", async () => {
    const outage = new Array<Error>(8).fill(unavailable());
    const { connection, times } = connectLate([...outage, notFound(), ...outage, notFound()]);
    await expect(connection.start()).rejects.toThrow("answered 404");
    expect((times.at(-1) ?? 0) - (times[17] ?? 0)).toBeGreaterThanOrEqual(120);
  });

  it("does not make a wrong document pass", async () => {
    const error = new ConfigError("another issuer");
    const { connection, times } = connectLate([notFound(), error]);
    await expect(connection.start()).rejects.toBe(error);
    expect(times).toHaveLength(2);
  });
});

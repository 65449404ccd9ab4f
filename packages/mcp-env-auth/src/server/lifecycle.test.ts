import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ConfigError, OAuthError } from "../errors.ts";
import { send, serve } from "../http/testing/serve.ts";
import { silentLogger } from "../logger.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import { createServer } from "../server.ts";
import { Changes } from "./changes/changes.ts";
import { configure } from "./configure.ts";
import { createLifecycle, follow, type Lifecycle, type Stage } from "./lifecycle.ts";
import { readDeclaredScopes } from "./offer/declared-scopes.ts";
import { prepareOffer } from "./offer/prepare-offer.ts";
import { Registrations } from "./offer/registrations.ts";
import { prepareToServe, type ServerPlan } from "./plan.ts";

const LOCAL = { host: "127.0.0.1", port: 0 };

const said = { resource: undefined, requiredScopes: [], authorizationServers: [] };

/** A promise, and what settles it. */
const NO_SCOPES = readDeclaredScopes(undefined);

function gate() {
  let open = () => {};
  let fail = (_reason: Error) => {};
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  passed.catch(() => {});
  return { passed, open, fail };
}

/** A server at `configured` whose provider loads and answers when the test says so. */
async function configured() {
  const [loading, answering] = [gate(), gate()];
  const events: string[] = [];
  const authenticate = vi.fn<AuthProvider["authenticate"]>(async () => {
    await loading.passed;
    return {
      ...said,
      verifier: { verify: () => Promise.reject(new Error("unreached")) },
      endpoints: [],
      start: () => answering.passed,
      ready: () => true,
      close: async () => void events.push("provider closed"),
    };
  });
  const registrations = new Registrations();
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => void events.push(message) };
  const plan: ServerPlan = {
    info: { name: "test", version: "1" },
    sdkOptions: {},
    resources: {},
    scopes: NO_SCOPES,
    changes: new Changes(),
    offerFor: (context) => prepareOffer({ registrations, hierarchy: {}, scopes: NO_SCOPES }, context),
    auth: { baseUrl: undefined, describe: () => said, authenticate },
    env: { FASTMCP_ENV_FILE: "" },
    logger,
  };
  const settings = await configure(plan);
  const lifecycle: Lifecycle = createLifecycle({
    logger,
    closeTelemetry: async () => void events.push("telemetry closed"),
    assemble: () => prepared.assemble(),
  });
  const prepared = prepareToServe(plan, settings, lifecycle);
  onTestFinished(() => lifecycle.close());
  return { lifecycle, loading, answering, authenticate, events };
}

/** The same, with an open port behind which each request waits for what serves calls. */
async function listening() {
  const server = await configured();
  const { lifecycle } = server;
  const { port } = await lifecycle.listen(async (_request, response) => {
    const outcome = await Promise.resolve(lifecycle.service()).then(
      () => "served",
      () => "refused",
    );
    response.end(outcome);
  }, LOCAL);
  return { ...server, origin: `http://127.0.0.1:${port}` };
}

describe("the stages", () => {
  const stages: readonly Stage[] = ["configured", "listening", "assembled", "connected", "retired", "closed"];
  const allowed = [
    "configured → listening",
    "configured → assembled",
    "configured → retired",
    "listening → assembled",
    "listening → retired",
    "assembled → connected",
    "assembled → retired",
    "connected → retired",
    "retired → closed",
  ];
  const steps = stages.flatMap((from) => stages.map((to) => ({ from, to, step: `${from} → ${to}` })));

  it.each(steps.filter(({ step }) => allowed.includes(step)))("allow $step", ({ from, to }) => {
    expect(follow(from, to)).toBe(to);
  });

  it.each(steps.filter(({ step }) => !allowed.includes(step)))("refuse $step", ({ from, to }) => {
    expect(() => follow(from, to)).toThrow(`A server that is ${from} can't become ${to}.`);
  });
});

describe("a server", () => {
  it("goes through all stages in order", async () => {
    const { lifecycle, loading, answering } = await configured();
    const passed = [lifecycle.stage()];
    await lifecycle.listen((_request, response) => void response.end(), LOCAL);
    passed.push(lifecycle.stage());
    loading.open();
    await lifecycle.assemble();
    passed.push(lifecycle.stage());
    answering.open();
    await lifecycle.connect();
    passed.push(lifecycle.stage());
    const closed = lifecycle.close();
    passed.push(lifecycle.stage());
    await closed;
    passed.push(lifecycle.stage());
    expect(passed).toEqual(["configured", "listening", "assembled", "connected", "retired", "closed"]);
  });

  it("opens its port when it is assembled, if nothing can be said before, and stays assembled", async () => {
    const { lifecycle, loading } = await configured();
    loading.open();
    await lifecycle.assemble();
    const { port } = await lifecycle.listen((_request, response) => void response.end("here"), LOCAL);
    expect(lifecycle.stage()).toBe("assembled");
    expect((await send(`http://127.0.0.1:${port}/`)).body).toBe("here");
  });

  it("loads what serves calls once for all who need it, and not before", async () => {
    const { lifecycle, loading, answering, authenticate } = await configured();
    expect(authenticate).not.toHaveBeenCalled();
    const first = lifecycle.service();
    const assembling = [lifecycle.assemble(), lifecycle.assemble(), lifecycle.serving()];
    loading.open();
    answering.open();
    const [assembly, ...others] = await Promise.all(assembling);
    expect(others).toEqual([assembly, assembly]);
    expect(await first).toBe(assembly?.service);
    expect(authenticate).toHaveBeenCalledOnce();
  });

  it("hands out what serves calls without a promise once the provider is known", async () => {
    const { lifecycle, loading, answering } = await configured();
    loading.open();
    const { service } = await lifecycle.assemble();
    const waiting = lifecycle.service();
    expect(waiting).toBeInstanceOf(Promise);
    answering.open();
    await waiting;
    expect(lifecycle.stage()).toBe("connected");
    expect(lifecycle.service()).toBe(service);
  });

  it("lets the first requests alone wait for a provider that does not answer", async () => {
    const { lifecycle, loading } = await configured();
    loading.open();
    const { service } = await lifecycle.assemble();
    const asked = performance.now();
    expect(await lifecycle.service()).toBe(service);
    expect(performance.now() - asked).toBeGreaterThan(1900);
    expect(lifecycle.stage()).toBe("assembled");
    expect(lifecycle.service()).toBe(service);
  });

  it("refuses steps that its stage does not allow", async () => {
    const { lifecycle } = await listening();
    const again = () => lifecycle.listen(() => {}, LOCAL);
    await expect(again()).rejects.toThrow("A server opens one port.");
    await lifecycle.close();
    expect(() => lifecycle.assemble()).toThrow("A server that is closed can't become assembled.");
    const other = (await configured()).lifecycle;
    await other.close();
    await expect(other.listen(() => {}, LOCAL)).rejects.toThrow("A server that is closed can't become listening.");
  });
});

describe("a server that is closed", () => {
  it("while it is configured, loads nothing", async () => {
    const { lifecycle, authenticate, events } = await configured();
    await lifecycle.close();
    expect(lifecycle.stage()).toBe("closed");
    expect(authenticate).not.toHaveBeenCalled();
    expect(events).toEqual(["telemetry closed"]);
  });

  it("while its port is being opened, opens and closes it", async () => {
    const { lifecycle } = await configured();
    const opening = lifecycle.listen(() => {}, LOCAL);
    await lifecycle.close();
    const { port } = await opening;
    expect(lifecycle.stage()).toBe("closed");
    await expect(send(`http://127.0.0.1:${port}/`)).rejects.toThrow("ECONNREFUSED");
  });

  it("while it is listening, accepts nothing more", async () => {
    const { lifecycle, origin, events } = await listening();
    await lifecycle.close();
    await expect(send(origin)).rejects.toThrow("ECONNREFUSED");
    expect(events).toEqual(["telemetry closed"]);
  });

  it("while it is being assembled, answers the requests that wait for that first", async () => {
    const { lifecycle, origin, loading, answering, authenticate, events } = await listening();
    const waiting = send(origin);
    await expect.poll(() => authenticate.mock.calls).toHaveLength(1);
    const closed = lifecycle.close();
    expect(lifecycle.stage()).toBe("retired");
    loading.open();
    answering.open();
    expect((await waiting).body).toBe("served");
    const end = vi.fn();
    (await lifecycle.assemble()).reception.streams.add(end);
    expect(end).toHaveBeenCalledOnce();
    expect(lifecycle.stage()).toBe("retired");
    await closed;
    expect(events).toEqual(["provider closed", "telemetry closed"]);
  });

  it("while it is being assembled, closes at once what arrives when it is closed", async () => {
    const { lifecycle, loading, events } = await listening();
    const assembling = lifecycle.assemble();
    await lifecycle.close();
    expect(events).toEqual(["telemetry closed"]);
    loading.open();
    await assembling;
    expect(events).toEqual(["telemetry closed", "provider closed"]);
    expect(lifecycle.stage()).toBe("closed");
  });

  it("while it is assembled, does not become connected when its provider answers", async () => {
    const { lifecycle, loading, answering, events } = await listening();
    loading.open();
    await lifecycle.assemble();
    const connecting = lifecycle.connect();
    await lifecycle.close();
    answering.open();
    await connecting;
    expect(lifecycle.stage()).toBe("closed");
    expect(events).toEqual(["provider closed", "telemetry closed"]);
  });

  it("while it is connected, serves nothing more and closes its provider", async () => {
    const { lifecycle, origin, loading, answering, events } = await listening();
    loading.open();
    answering.open();
    await lifecycle.connect();
    expect((await send(origin, { headers: { Connection: "close" } })).body).toBe("served");
    await lifecycle.close();
    await expect(send(origin)).rejects.toThrow("ECONNREFUSED");
    expect(events).toEqual(["provider closed", "telemetry closed"]);
  });

  it("twice, closes everything once", async () => {
    const { lifecycle, loading, events } = await listening();
    loading.open();
    await lifecycle.assemble();
    await Promise.all([lifecycle.close(), lifecycle.close()]);
    await lifecycle.close();
    expect(events).toEqual(["provider closed", "telemetry closed"]);
  });
});

describe("a start that fails half way", () => {
  it("while it is being assembled, tells everybody who waits, and can be closed", async () => {
    const { lifecycle, origin, loading, authenticate, events } = await listening();
    const request = send(origin);
    const steps = Promise.allSettled([lifecycle.assemble(), lifecycle.connect(), lifecycle.serving()]);
    const service = Promise.resolve(lifecycle.service());
    const cause = new ConfigError("The provider is wrong.");
    loading.fail(cause);
    expect((await steps).map((step) => (step.status === "rejected" ? step.reason : step))).toEqual(
      Array(3).fill(cause),
    );
    const refusal = await service.catch((error: OAuthError) => error);
    expect(refusal).toBeInstanceOf(OAuthError);
    expect(refusal).toMatchObject({ code: "temporarily_unavailable", cause });
    expect((await request).body).toBe("refused");
    expect(lifecycle.stage()).toBe("listening");
    expect(authenticate).toHaveBeenCalledOnce();
    await lifecycle.close();
    expect(lifecycle.stage()).toBe("closed");
    expect(events).toEqual(["telemetry closed"]);
  });

  it("at the provider, stays assembled, still serves, and closes the provider in the end", async () => {
    const { lifecycle, origin, loading, answering, events } = await listening();
    loading.open();
    answering.fail(new ConfigError("The client secret is wrong."));
    await expect(lifecycle.connect()).rejects.toThrow("The client secret is wrong.");
    expect((await send(origin)).body).toBe("served");
    expect(lifecycle.stage()).toBe("assembled");
    await lifecycle.close();
    expect(events).toEqual(["provider closed", "telemetry closed"]);
  });

  it("before its port is open, closes what was assembled for it", async () => {
    const close = vi.fn(async () => {});
    const verifier = { verify: () => Promise.reject(new Error("unreached")) };
    const auth = {
      baseUrl: undefined,
      authenticate: async () => ({ ...said, verifier, endpoints: [], start: async () => {}, ready: () => true, close }),
    };
    const env = { FASTMCP_ENV_FILE: "" };
    const server = createServer({ name: "test", version: "1", auth, env, logger: silentLogger });
    await expect(server.run({ port: 65_536 })).rejects.toThrow(RangeError);
    await expect.poll(() => close).toHaveBeenCalledOnce();
  });

  it("because its port is taken, stays configured, and can be closed", async () => {
    const taken = new URL(await serve(() => {}));
    const { lifecycle, events } = await configured();
    const address = { host: taken.hostname, port: Number(taken.port) };
    await expect(lifecycle.listen(() => {}, address)).rejects.toThrow("is in use");
    expect(lifecycle.stage()).toBe("configured");
    await lifecycle.close();
    expect(events).toEqual(["telemetry closed"]);
  });
});

import { startDevAuth0 } from "dev-auth0";
import { expect, it, onTestFinished } from "vitest";
import { until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { MEASURED_SERVER, type Replicas, startReplicas } from "../support/replicas.ts";

const MEBIBYTE = 1024 * 1024;

/** Runs `work` so many times, a few at once. */
async function repeat(times: number, work: () => Promise<unknown>): Promise<void> {
  let left = times;
  const worker = async () => {
    while (left-- > 0) {
      await work();
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** The server's heap in use, after a garbage collection: bytes. */
async function heapOf(server: Replicas): Promise<number> {
  const { pid, log } = server.process(0);
  const readings = () => [...log().matchAll(/^heap (\d+)$/gm)].map(([, bytes]) => Number(bytes));
  const before = readings().length;
  process.kill(pid, "SIGUSR2");
  await until(() => readings().length > before);
  return readings().at(-1) ?? Number.NaN;
}

it("4,000 registrations and 400 logins leave hardly anything behind", { timeout: 180_000 }, async () => {
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  const env = { FASTMCP_LOG_LEVEL: "ERROR" };
  const server = await startReplicas({ auth0, count: 1, script: MEASURED_SERVER, env });
  onTestFinished(() => server.stop());
  const { register, getSession, call } = oauthSteps(server.origins[0] ?? "");
  const goThrough = async () => {
    const session = await getSession();
    expect((await call(session.accessToken)).status).toBe(200);
  };

  await repeat(500, register);
  await repeat(50, goThrough);
  const warm = await heapOf(server);
  await repeat(3_500, register);
  const registered = await heapOf(server);
  await repeat(350, goThrough);
  const loggedIn = await heapOf(server);

  expect(registered - warm, "a registration is kept by its client alone").toBeLessThan(1.5 * MEBIBYTE);
  expect(loggedIn - registered, "a login leaves its ids and a verified token").toBeLessThan(6 * MEBIBYTE);
});

import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../errors.ts";
import { installedSdkVersion, SDK_PACKAGE, TESTED_SDK_VERSIONS } from "./sdk-version.ts";
import { createProbe, type Probe } from "./start-probe.ts";

/**
 * Far longer than the checks take: without a limit, a start that waits for an SDK that never answers would say nothing.
 */
const PATIENCE_MS = 10_000;

const READS = [["resources/read", { uri: "probe://fails" }]] as const;
const ALL_OF_HANDLERS = [
  ...READS,
  ["resources/list", {}],
  ["prompts/get", { name: "fails" }],
  [
    "completion/complete",
    { ref: { type: "ref/resource", uri: "probe://{name}" }, argument: { name: "name", value: "" } },
  ],
] as const;

/** What depends on internals of the SDK, and what shows that it has an effect. */
const PROTECTIONS: Readonly<Record<string, (probe: Probe, isKnown: boolean) => Promise<boolean>>> = {
  "masking of handler errors": async ({ ask, isMasked }, isKnown) => {
    const answers = await Promise.all(
      (isKnown ? READS : ALL_OF_HANDLERS).map(([method, params]) => ask(method, params)),
    );
    return answers.every(isMasked);
  },
  "concealment of hidden resources": async ({ ask }) => {
    const answer = await ask("resources/read", { uri: "probe://concealed" });
    return answer.includes('"error"') && answer.includes("not found");
  },
  "a server of its own for each request": async ({ ask, requests, built }) => {
    const callers = ["a", "b"];
    const answers = await Promise.all(
      callers.map((caller) => ask("resources/read", { uri: "probe://caller" }, caller)),
    );
    const own = answers.every((answer, index) => answer.includes(`"called by ${callers[index]}"`));
    return own && built().size === requests();
  },
  "dropping of late notifications": async ({ ask, notifyLate }) => {
    await ask("resources/read", { uri: "probe://caller" });
    return notifyLate();
  },
};

/**
 * Asserts that what protects callers and the process has an effect on the installed SDK: it depends on internals that a
 * later version may change. A version that `contract.test.ts` passed with takes a few milliseconds; any other is tried
 * in both revisions of the protocol and with every kind of handler.
 *
 * @throws ConfigError that names each protection without an effect.
 */
export async function checkProtections(
  installed: string | undefined = installedSdkVersion(),
  patience = PATIENCE_MS,
): Promise<void> {
  const isKnown = installed !== undefined && TESTED_SDK_VERSIONS.includes(installed);
  const revisions = isKnown ? (["2026-07-28"] as const) : (["2025-11-25", "2026-07-28"] as const);
  const checks = revisions.flatMap((revision) =>
    Object.entries(PROTECTIONS).map(async ([name, holds]) => {
      const isFine = await holds(createProbe(revision), isKnown).catch(() => false);
      return isFine ? [] : [name];
    }),
  );
  const failed = new Set((await inTime(Promise.all(checks), patience)).flat());
  if (failed.size === 0) {
    return;
  }
  const version = installed === undefined ? SDK_PACKAGE : `${SDK_PACKAGE} ${installed}`;
  throw new ConfigError(
    `${version} does not work with this version of mcp-env-auth. These protections have no effect with it: ${[...failed].join(", ")}. Install ${SDK_PACKAGE} ${TESTED_SDK_VERSIONS.at(-1)}, or update mcp-env-auth.`,
  );
}

async function inTime(checks: Promise<string[][]>, patience: number): Promise<string[][]> {
  const waited = new AbortController();
  const late = sleep(patience, [["all of them, because requests are not answered"]], { signal: waited.signal });
  late.catch(() => {});
  try {
    return await Promise.race([checks, late]);
  } finally {
    waited.abort();
  }
}

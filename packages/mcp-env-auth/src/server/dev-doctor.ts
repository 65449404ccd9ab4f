import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "../logger.ts";

/** Milliseconds in which the same trouble is looked into once. */
const PAUSE_MS = 30_000;

/** Which checks of `doctor` are about what went wrong with a login. */
const ALL = ["discovery", "credentials", "callback", "login", "scopes", "audience"];
const BY_KIND: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["credentials", ["credentials", "callback"]],
  ["unavailable", ["discovery", "keys"]],
]);
const CHECKS: Readonly<Record<string, (fields: LineFields) => readonly string[]>> = {
  "login-failed": () => [...ALL, "organization"],
  "provider-failed": ({ kind }) => BY_KIND.get(kind) ?? ALL,
  "provider-token-refused": () => ["keys", "scopes", "audience", "subject", "clock"],
  "organization-refused": () => ["organization"],
  "scopes-withheld": () => ["login", "scopes"],
};

interface LineFields {
  readonly event?: string;
  readonly kind?: string;
}

/**
 * `logger`, which also has `doctor` look into logins and refreshes that go wrong, and show what it finds. For
 * development.
 *
 * @param runDoctor runs the checks of these names. Default: in a process of its own, with this one's environment, on
 * standard error.
 */
export function diagnoseFailedLogins(
  logger: Logger,
  runDoctor: ((checks: readonly string[]) => void) | undefined = doctorOfPackage(),
  now: () => number = () => performance.now(),
): Logger {
  if (runDoctor === undefined) {
    return logger;
  }
  let lookedAt = Number.NEGATIVE_INFINITY;
  const watched = (level: "warn" | "error") => (fields: object, message: string) => {
    logger[level](fields, message);
    const { event = "" } = fields as LineFields;
    const checks = Object.hasOwn(CHECKS, event) ? CHECKS[event]?.(fields) : undefined;
    if (checks !== undefined && now() - lookedAt > PAUSE_MS) {
      lookedAt = now();
      logger.info(
        { event: "doctor-runs", checks },
        `The configuration may be the reason. Running mcp-env-auth doctor --only ${checks.join(",")}`,
      );
      runDoctor(checks);
    }
  };
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: watched("warn"),
    error: watched("error"),
  };
}

/** `undefined` in somebody's own bundle, which has no such file. */
function doctorOfPackage(): ((checks: readonly string[]) => void) | undefined {
  // Bundlers take `new URL` with it for a file to bundle, and as CommonJS there is none.
  const { url } = import.meta as { readonly url?: string };
  const cli = url === undefined ? "" : join(dirname(fileURLToPath(url)), "cli.js");
  if (!existsSync(cli)) {
    return undefined;
  }
  return (checks) => {
    spawn(process.execPath, [cli, "doctor", "--only", checks.join(",")], { stdio: ["ignore", 2, 2] })
      .on("error", () => {})
      .unref();
  };
}

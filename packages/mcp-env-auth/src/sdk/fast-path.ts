import type { Logger } from "../logger.ts";
import { installedSdkVersion, SDK_PACKAGE, TESTED_SDK_VERSIONS } from "./sdk-version.ts";

export interface FastPathOptions {
  /** `FASTMCP_SDK_FAST_PATH`. */
  readonly wanted: boolean;
  /** The SDK's version; by default, the one of the installed package. */
  readonly installed?: string | undefined;
  readonly logger: Logger;
}

/**
 * Whether calls may bypass parts of the SDK's HTTP handler to be quick. Only a version whose internals are known may be
 * bypassed: a later one may check something there. Logs one line where the answer is no.
 */
export function mayUseFastPath({ wanted, logger, ...given }: FastPathOptions): boolean {
  const installed = "installed" in given ? given.installed : installedSdkVersion();
  if (!wanted) {
    logger.info({}, "The MCP SDK's plain handler serves all calls, because FASTMCP_SDK_FAST_PATH is false");
    return false;
  }
  if (installed !== undefined && TESTED_SDK_VERSIONS.includes(installed)) {
    return true;
  }
  const found =
    installed === undefined
      ? "the version here is unknown, as in a program that was bundled."
      : `${installed} is installed. Update mcp-env-auth, or install a tested version.`;
  logger.info(
    { installed, tested: TESTED_SDK_VERSIONS },
    `The MCP SDK's plain handler serves all calls, which takes more CPU time. The fast path was tested with ${SDK_PACKAGE} ${TESTED_SDK_VERSIONS.join(", ")}, and ${found}`,
  );
  return false;
}

import { readFile, stat } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";

/** Where the operating system keeps it. */
export const SYSTEM_HOSTS_FILE =
  process.platform === "win32"
    ? join(process.env.SystemRoot ?? "C:\\Windows", "System32", "drivers", "etc", "hosts")
    : "/etc/hosts";

/** A hosts file (hosts(5)): names whose addresses this machine's operator has written down. */
export interface HostsFile {
  /** The addresses of a name, or `undefined` when the file doesn't have it. */
  addressesOf(hostname: string): Promise<readonly string[] | undefined>;
}

/** Reads the file when it is first needed, and again when it has changed. One that can't be read is empty. */
export function openHostsFile(path = SYSTEM_HOSTS_FILE): HostsFile {
  let names: ReadonlyMap<string, readonly string[]> = new Map();
  let version: string | undefined;
  return {
    async addressesOf(hostname) {
      try {
        const { mtimeMs, size } = await stat(path);
        const current = `${mtimeMs} ${size}`;
        if (current !== version) {
          names = parseHosts(await readFile(path, "utf8"));
          version = current;
        }
      } catch {
        names = new Map();
        version = undefined;
      }
      return names.get(hostname.toLowerCase());
    },
  };
}

function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (isIP(address) === 0) {
      continue;
    }
    for (const alias of aliases) {
      const name = alias.toLowerCase();
      names.set(name, [...(names.get(name) ?? []), address]);
    }
  }
  return names;
}

import { spawn } from "node:child_process";
import { isLoopback } from "../../lib/url.ts";
import type { Output } from "../command.ts";

/** A program and its arguments: no shell, which would take `&` and `$` in a URL for its own. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** What opens a URL in the user's browser. */
export function browserCommand(url: URL, platform: NodeJS.Platform = process.platform): Command {
  if (platform === "darwin") {
    return { program: "open", args: [url.href] };
  }
  if (platform === "win32") {
    return { program: "rundll32", args: ["url.dll,FileProtocolHandler", url.href] };
  }
  return { program: "xdg-open", args: [url.href] };
}

/**
 * Opens a web page in the user's browser. The URL is printed as well, for machines without one.
 *
 * @throws Error for a URL that is not a web page's: the server chose it.
 */
export function openBrowser(url: URL, stderr: Output): void {
  checkWebUrl(url);
  stderr.write(`Log in with your browser. If it does not open automatically, go to\n\n  ${url.href}\n\n`);
  const { program, args } = browserCommand(url);
  spawn(program, args, { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}

/** @throws Error for anything but https, or http on this machine. */
export function checkWebUrl({ protocol, hostname }: URL): void {
  if (protocol === "https:" || (protocol === "http:" && isLoopback(hostname))) {
    return;
  }
  throw new Error(
    `A URL that starts with ${protocol}//${hostname} is refused: only https is safe, and http on this machine.`,
  );
}

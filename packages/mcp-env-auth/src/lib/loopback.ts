/**
 * Whether `hostname`, as `URL` spells it, is this machine. Names under `.localhost` are not sure to be: resolvers
 * differ.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

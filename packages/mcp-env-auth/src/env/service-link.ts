// A file of its own: what reads numbers and what looks for names that were meant for the server share it.

/**
 * Whether a value is one that Kubernetes sets by itself, as in `MCP_PORT=tcp://10.0.0.1:80`: for each Service of the
 * namespace, under the Service's name and `_PORT`.
 */
export const isServiceLink = (value: string): boolean => /^(?:tcp|udp|sctp):\/\//.test(value.trim());

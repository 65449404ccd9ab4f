/**
 * The environment variable of a field: `configUrl` under `FASTMCP_SERVER_AUTH_AUTH0_` is
 * `FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL`.
 */
export function variableName(prefix: string, field: string): string {
  return `${prefix}${field.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase()}`;
}

/** The variable that names a file with a secret's value, as Docker and Kubernetes mount them. */
export function secretFileVariable(variable: string): string {
  return `${variable}_FILE`;
}

import { flag, text } from "../../env/plain-fields.ts";

export interface ResourceFieldHints {
  /** The provider's name. */
  readonly title: string;
  /** What tokens are held to. */
  readonly heldTo: string;
}

/** The settings of a server whose provider wants to hear which resource tokens are for (RFC 8707). */
export function resourceFields({ title, heldTo }: ResourceFieldHints) {
  return {
    resource: text({
      description: `Sent as \`resource\` (RFC 8707) with each login and token request, for a provider that takes this in place of an audience. ${heldTo}`,
      example: "https://mcp.example.com/mcp",
      where: `the identifier of your API (resource server) at ${title}`,
    }),
    forwardResource: flag({
      description: "Whether the MCP URL is sent as `resource`, if RESOURCE is not set",
      example: "true",
      default: false,
    }),
  };
}

/** Whether logins ask for a resource, so that tokens have an audience. */
export function namesResource({
  resource,
  forwardResource,
}: {
  readonly resource?: string;
  readonly forwardResource?: boolean;
}): boolean {
  return resource !== undefined || forwardResource === true;
}

/**
 * The weather server's saved places, shared by a team: each organization (tenant) has a list of its own, which all its
 * members see and change. docs/organizations.md says how to configure it.
 */
import { createServer, getAccessToken, tenantKey } from "mcp-env-auth";
import * as z from "zod";

const server = createServer({ name: "Team weather", version: "1.0.0" });
const saved = new Map<string, Set<string>>();

server.registerTool(
  "save_place",
  { description: "Keep a city among your team's places.", inputSchema: z.object({ city: z.string().max(100) }) },
  async ({ city }) => {
    const places = saved.get(tenantKey()) ?? new Set();
    saved.set(tenantKey(), places.add(city));
    return { organization: getAccessToken().organization, places: [...places] };
  },
);

server.registerTool("list_places", { description: "List your team's places." }, async () => ({
  organization: getAccessToken().organization,
  places: [...(saved.get(tenantKey()) ?? [])],
}));

await server.run();

/**
 * Who may do what, in every way there is. docs/authorization.md explains it; newsroom.authorization.json is a policy
 * that narrows it.
 */
import { createServer, getAccessToken, ToolError } from "mcp-env-auth";
import * as z from "zod";

const server = createServer({
  name: "Newsroom",
  version: "1.0.0",
  scopeHierarchy: { "articles:write": ["articles:read"] },
});
const articles = new Map([["hello", { author: "auth0|alice", text: "Hello." }]]);
const slug = z.string().regex(/^[a-z-]+$/);

// Everybody, also without signing in.
server.registerTool("contact", { access: "public" }, () => "Write to newsroom@example.com.");

// Every client whose user lets it read.
server.registerTool(
  "read_article",
  { inputSchema: z.object({ slug }), requiredScopes: ["articles:read"] },
  ({ slug }) => articles.get(slug)?.text ?? `There is no article ${slug}.`,
);

// Editors, through a client that they let write.
server.registerTool(
  "write_article",
  {
    inputSchema: z.object({ slug, text: z.string() }),
    requiredScopes: ["articles:write"],
    requiredRoles: ["editor"],
  },
  ({ slug, text }) => {
    articles.set(slug, { author: getAccessToken().subject, text });
    return `${slug} is written.`;
  },
);

// Authors, of what is theirs: that depends on the arguments.
server.registerTool(
  "delete_article",
  {
    inputSchema: z.object({ slug }),
    requiredScopes: ["articles:write"],
    authorize: (token, { slug }) =>
      articles.get(slug)?.author === token.subject || "Only its author may delete an article.",
  },
  ({ slug }) => {
    if (!articles.delete(slug)) {
      throw new ToolError(`There is no article ${slug}.`);
    }
    return `${slug} is deleted.`;
  },
);

// Chief editors by their permission in Auth0, and nobody else learns that it is there.
server.registerTool(
  "shred_all",
  { requiredScopes: ["articles:write"], requiredPermissions: ["articles:shred"], visibility: "hidden" },
  () => {
    articles.clear();
    return "Gone.";
  },
);

await server.run();

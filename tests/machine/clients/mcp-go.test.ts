import { buildGo, goVersion } from "./support/go.ts";
import { testClient } from "./support/suite.ts";

testClient(new URL("mcp-go/cells.json", import.meta.url), async () => ({
  program: await buildGo("mcp-go"),
  args: [],
  version: await goVersion("mcp-go", "github.com/mark3labs/mcp-go"),
}));

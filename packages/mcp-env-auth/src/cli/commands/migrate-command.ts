import { defineCommand } from "../command.ts";

export const migrateCommand = defineCommand({
  name: "migrate",
  summary: "compare a FastMCP .env with what it means here",
  details: [
    "Reads the .env of a Python FastMCP 2.x server and says of each FASTMCP_ variable whether it is the same here, is safer here, has no meaning here, or must be changed. The process's environment is left out, and nothing is written.",
  ],
  argument: { placeholder: "file", description: "the .env; default as for the server" },
  options: {},
  exitCodes: { 0: "the file works as it is", 1: "something in it must be changed, or it can't be read" },
  async run(_values, file, context) {
    const { migrate } = await import("../migrate/migrate.ts");
    return migrate({ file }, context);
  },
});

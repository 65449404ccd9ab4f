import { defineCommand, UsageError } from "../command.ts";

export const migrateCommand = defineCommand({
  name: "migrate",
  summary: "compare a FastMCP .env with what it means here",
  details: [
    "Reads the .env of a Python FastMCP 2.x server and says of each FASTMCP_ variable whether it is the same here, is safer here, has no meaning here, or must be changed. The process's environment is left out.",
    "It also knows the names that tutorials use, such as AUTH0_DOMAIN and AUTH0_CLIENT_ID. With --write it writes the file that this server needs: names and values are replaced in place, comments and order stay, and variables that still have to be set are listed at the end. The original file is not changed.",
  ],
  argument: { placeholder: "file", description: "the .env; default as for the server" },
  options: {
    write: { type: "string", placeholder: "<path>", description: "write the new file to this path, unless it exists" },
    force: { type: "boolean", description: "with --write: replace an existing file, which is kept as <path>.bak" },
  },
  exitCodes: {
    0: "the file works as it is; with --write: the new one does",
    1: "something in it must be changed, or it can't be read or written",
  },
  async run({ write, force = false }, file, context) {
    if (force && write === undefined) {
      throw new UsageError("--force needs --write and the path of the new file.");
    }
    if (write?.trim() === "") {
      throw new UsageError("--write needs the path of the new file.");
    }
    const { migrate } = await import("../migrate/migrate.ts");
    return migrate({ file, write, force }, context);
  },
});

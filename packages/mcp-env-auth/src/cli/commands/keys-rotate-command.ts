import { defineCommand, UsageError } from "../command.ts";

export const keysRotateCommand = defineCommand({
  name: "keys rotate",
  summary: "write a new signing key, and keep the old one for what it sealed",
  details: [
    "Makes a random key, writes it into the server's .env as JWT_SIGNING_KEY of the provider, and moves the old key to JWT_SIGNING_KEY_PREVIOUS. Everything else in the file stays. Restart the server afterward: users stay signed in.",
    "If the key comes from elsewhere, such as the platform's settings or a secret's file, use --print and change it there.",
  ],
  options: {
    leaked: {
      type: "boolean",
      description:
        "the old key leaked: nothing that it sealed is accepted any more, except the ids of clients that can't register again",
    },
    print: { type: "boolean", description: "print the new values, secrets included, and write nothing" },
  },
  exitCodes: { 0: "done", 1: "the key isn't set in the env file, or the file can't be written" },
  async run({ leaked = false, print = false }, argument, context) {
    if (argument !== undefined) {
      throw new UsageError("keys rotate takes no argument. FASTMCP_ENV_FILE names the file, if it isn't .env.");
    }
    const { rotateKeys } = await import("../keys/rotate-keys.ts");
    return rotateKeys({ leaked, print }, context);
  },
});

import type { CommandDefinition } from "./command.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { envCommand } from "./commands/env.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { revokeCommand } from "./commands/revoke.ts";
import { setupAuth0Command } from "./commands/setup-auth0.ts";

/** Every command, in the order of `--help`. */
export const commands: readonly CommandDefinition[] = [
  doctorCommand,
  envCommand,
  migrateCommand,
  setupAuth0Command,
  revokeCommand,
];

import type { CommandDefinition } from "./command.ts";
import { doctorCommand } from "./commands/doctor-command.ts";
import { envCommand } from "./commands/env-command.ts";
import { migrateCommand } from "./commands/migrate-command.ts";
import { revokeCommand } from "./commands/revoke-command.ts";
import { setupAuth0Command } from "./commands/setup-auth0-command.ts";

/** Every command, in the order of `--help`. */
export const commands: readonly CommandDefinition[] = [
  doctorCommand,
  envCommand,
  migrateCommand,
  setupAuth0Command,
  revokeCommand,
];

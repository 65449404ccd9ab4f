import { stringList } from "../../env/list-fields.ts";
import { flag } from "../../env/plain-fields.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { SettingNames } from "../declaration.ts";

export interface MachineFieldHints {
  readonly title: string;
  readonly where: string;
}

/** The settings of a server that machines use without a user: `MachineSettings`. */
export function machineFields({ title, where }: MachineFieldHints) {
  return {
    machineClients: stringList({
      description: `Client ids of ${title} applications that may use this server without a user, by client_credentials at its token endpoint; * for any; left out, none`,
      example: '["qZ0r3XyTn5uVb8Ld2Wk7Pc1Hs4Ge6JaM"]',
      where,
    }),
    acceptUpstreamTokens: flag({
      description: `Whether the access tokens that ${title} issues to these machines are also accepted at the MCP endpoint; those of users never are`,
      example: "true",
      default: false,
    }),
  };
}

interface MachineSettings {
  readonly machineClients?: readonly string[];
  readonly acceptUpstreamTokens?: boolean;
  readonly audience?: string;
}

/** What is wrong with the settings together. */
export function checkMachines(
  { machineClients = [], acceptUpstreamTokens = false, audience }: MachineSettings,
  { nameOf }: SettingNames,
): readonly ConfigProblem[] {
  if (acceptUpstreamTokens && machineClients.length === 0) {
    const message = `is on, but ${nameOf("machineClients")} names no machine whose tokens to accept. Name their client ids, or write * for those of every application.`;
    return [{ variable: nameOf("acceptUpstreamTokens"), message }];
  }
  if (machineClients.length > 0 && audience === undefined) {
    const message = `is needed with ${nameOf("machineClients")}: else a token for any other API would be good here, too.`;
    return [{ variable: nameOf("audience"), message }];
  }
  return [];
}

import { text } from "../../env/plain-fields.ts";
import { plainHttpField } from "./plain-http-field.ts";

export interface SelfHostedFieldHints {
  /** When the document names another issuer than its address says. */
  readonly occasion?: string;
  readonly issuer: string;
}

/**
 * The settings of a provider that people run themselves, so that this server may reach it otherwise than clients do.
 */
export function selfHostedFields({ occasion = "an address inside a cluster", issuer }: SelfHostedFieldHints) {
  return {
    issuer: text({
      description: `The issuer in that document, exactly, if it is not the one that the document's address is made from (${occasion})`,
      example: issuer,
      where: "issuer in the discovery document",
    }),
    ...plainHttpField(),
  };
}

/** How those settings are called, for the kind that uses them. */
export const SELF_HOSTED = { issuerSetting: "issuer", plainHttpSetting: "plainHttpHosts" } as const;

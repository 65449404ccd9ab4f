import { defineField, InvalidValue } from "../../env/field.ts";

const ASKED: ReadonlySet<string> = new Set(["1", "true", "t", "yes", "y", "on"]);

const REASON =
  "Anybody can register a client here. Without the question, a link is enough to get tokens of everybody who is logged in at the provider (confused deputy, CVE-2026-27124).";

/** FastMCP's switch for the consent page, which has one position here. */
export function consentField() {
  return {
    requireAuthorizationConsent: defineField<
      true,
      boolean,
      { readonly description: string; readonly example: string; readonly default: true }
    >(
      {
        expected: "true: users are asked before every login which client gets access",
        parse(input) {
          if (ASKED.has(input.trim().toLowerCase())) {
            return true;
          }
          throw new InvalidValue(REASON);
        },
        convert(input) {
          if (input === true) {
            return true;
          }
          throw new InvalidValue(REASON);
        },
      },
      {
        description:
          "Users are asked before every login which client gets access. FastMCP's false, remember and external are refused",
        example: "true",
        default: true,
      },
    ),
  };
}

import { defineField, InvalidValue } from "../../env/field.ts";
import type { SubjectRules } from "../../upstream/subject-rules.ts";
import type { SettingNames } from "../declaration.ts";

/** Claims that all users of an application, an API or an issuer share, or that change with each token. */
const NOT_A_USER = [
  ...["aud", "azp", "appid", "cid", "client_id", "iss"],
  ...["exp", "iat", "jti", "nbf", "scope", "scp", "token_type", "typ"],
];

/** The setting of every provider whose claims name the user. */
export function subjectFields() {
  return {
    subjectClaim: defineField<
      string,
      string,
      { readonly description: string; readonly example: string; readonly where: string }
    >(
      {
        expected: "the name of a claim that identifies a user",
        parse: (input) => checkClaim(input.trim()),
        isUnset: (input) => input.trim() === "",
      },
      {
        description: "The claim that identifies a user; it must be unique to each and never reassigned. Default: `sub`",
        example: "username",
        where: "needed only where the provider's tokens have no sub",
      },
    ),
  };
}

/** How the provider's claims name users, by its settings. */
export function subjectRules(
  { subjectClaim }: { readonly subjectClaim?: string | undefined },
  { nameOf, advice }: SettingNames,
): SubjectRules {
  return { claim: subjectClaim, variable: nameOf("subjectClaim"), advice: advice?.noSubject };
}

function checkClaim(claim: string): string {
  if (!NOT_A_USER.includes(claim)) return claim;
  throw new InvalidValue(`\`${claim}\` does not identify a user. Name a claim such as username.`);
}

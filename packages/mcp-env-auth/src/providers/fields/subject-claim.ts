import { defineField, InvalidValue } from "../../env/field.ts";
import type { SubjectRules } from "../../upstream/subject-rules.ts";
import type { SettingNames } from "../declaration.ts";

/**
 * Claims that several users share (those of an application, an API, an issuer, an organization or a way to log in), or
 * that change with each token or session. Custom claims can't be told; they are the operator's to know.
 */
const NOT_A_USER = [
  ...["aud", "azp", "appid", "application_id", "cid", "client_id", "clientId", "iss"],
  ...["active", "exp", "iat", "jti", "nbf", "scope", "scp", "token_type", "token_use", "typ", "ver"],
  ...["acr", "amr", "at_hash", "auth_time", "c_hash", "gty", "idtyp", "nonce", "s_hash", "session_state", "sid"],
  ...["email_verified", "org_id", "org_name", "permissions", "phone_number_verified", "roles", "tid"],
];

/** For providers that may be Keycloak, whose access tokens have no `sub` without one of its client scopes. */
export const KEYCLOAK_NO_SUBJECT =
  'Have the provider put it into access tokens. At Keycloak, add the client scope "basic" to the client (Clients > your client > Client scopes).';

/** The setting of every provider whose claims name the user. `standard` is its default, for the documentation. */
export function subjectFields(standard = "sub") {
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
        description: `The claim that identifies a user. It must be unique to each user and never reassigned, and users must not be able to change it. Default: \`${standard}\``,
        example: "username",
        where: `needed only where the provider's tokens have no ${standard}`,
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

/** As {@link subjectRules}, for a provider at which we log users in as the application `clientId`. */
export function loginSubjectRules(
  settings: { readonly subjectClaim?: string | undefined; readonly clientId: string },
  names: SettingNames,
): SubjectRules {
  return { ...subjectRules(settings, names), application: settings.clientId };
}

function checkClaim(claim: string): string {
  if (!NOT_A_USER.includes(claim)) {
    return claim;
  }
  throw new InvalidValue(`\`${claim}\` does not identify a user. Name a claim such as username.`);
}

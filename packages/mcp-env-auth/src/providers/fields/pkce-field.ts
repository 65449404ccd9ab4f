import { flag } from "../../env/plain-fields.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { CheckContext } from "../declaration.ts";

/** Whether logins at the provider use PKCE, for generic providers: some refuse it. */
export function pkceField() {
  return {
    forwardPkce: flag({
      description:
        "Whether logins at the provider use PKCE (RFC 7636). Set false only if the provider refuses logins with it, since a stolen code of the provider's is then of use to a thief",
      example: "false",
      default: true,
    }),
  };
}

type PkceFields = ReturnType<typeof pkceField>;

interface PkceSettings {
  readonly forwardPkce?: boolean;
  readonly clientSecret?: string;
  readonly tokenEndpointAuthMethod?: string;
}

/** Of an application without a secret, PKCE is all that ties a code to this server. */
export function checkPkce(
  { forwardPkce, clientSecret, tokenEndpointAuthMethod }: PkceSettings,
  { nameOf }: Pick<CheckContext<PkceFields>, "nameOf">,
): readonly ConfigProblem[] {
  if (forwardPkce !== false || (clientSecret !== undefined && tokenEndpointAuthMethod !== "none")) {
    return [];
  }
  const message = `can't be false for an application without a secret: everybody could redeem its codes then. Remove it, or set ${nameOf("clientSecret")}.`;
  return [{ variable: nameOf("forwardPkce"), message }];
}

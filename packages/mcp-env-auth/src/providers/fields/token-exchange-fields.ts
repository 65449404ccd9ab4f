import { secret, text } from "../../env/plain-fields.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { CheckContext } from "../declaration.ts";

export interface TokenExchangeFieldHints {
  readonly title: string;
  /** What it is when left out. */
  readonly otherwise: string;
  readonly where: string;
}

/** The settings of a server whose tools call other APIs as the user: the client that may exchange tokens. */
export function tokenExchangeFields({ title, otherwise, where }: TokenExchangeFieldHints) {
  return {
    tokenExchangeClientId: text({
      description: `The client id by which exchangeToken() exchanges ${title}'s tokens for those of other APIs; left out, ${otherwise}`,
      example: "Hn3vQ7zLr0JdYt5KxWc8Pb2Mf6SgUa4E",
      where,
    }),
    tokenExchangeClientSecret: secret({
      description: "The client secret that goes with it",
      example: "the long random string that the dashboard shows",
      where,
    }),
  };
}

/** An id without a secret, or a secret without an id, would exchange nothing. */
export function checkTokenExchange({
  isGiven,
  missing,
}: CheckContext<ReturnType<typeof tokenExchangeFields>>): readonly ConfigProblem[] {
  const [id, secretName] = ["tokenExchangeClientId", "tokenExchangeClientSecret"] as const;
  if (isGiven(id) === isGiven(secretName)) {
    return [];
  }
  return [missing(isGiven(id) ? secretName : id, "Both belong to one client.")];
}

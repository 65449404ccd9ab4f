import { scopes } from "../../env/list-fields.ts";
import { flag } from "../../env/plain-fields.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { CheckContext } from "../declaration.ts";
import { optionalBaseUrl } from "./base-url.ts";

/** The settings of what must not run where others can reach it. */
export function developmentFields() {
  return {
    unsafe: flag({
      description: "true lets it start without NODE_ENV=development",
      example: "false",
      default: false,
    }),
    requiredScopes: scopes({
      description: "The scopes that every token must carry",
      example: "weather:read",
      default: [],
    }),
    baseUrl: optionalBaseUrl({ example: "http://localhost:8000" }),
  };
}

/** Refuses the start of a real server, unless it was asked for in so many words. */
export function checkDevelopment(
  { unsafe }: { readonly unsafe?: boolean },
  { nameOf }: CheckContext<ReturnType<typeof developmentFields>>,
  danger: string,
): readonly ConfigProblem[] {
  if (unsafe === true || process.env.NODE_ENV === "development") {
    return [];
  }
  const message = `is not true, and NODE_ENV is not development. ${danger} For a server that others can reach, choose a provider; for development, set NODE_ENV=development in the process's environment: in an env file it has no effect.`;
  return [{ variable: nameOf("unsafe"), message }];
}

import { currentUserClaims, getAccessToken } from "./access-token.ts";

/** What the identity provider tells of a user (OpenID Connect Core 1.0 section 5.1). */
export interface UserInfo {
  /** The user, as `getAccessToken().subject` says. */
  readonly subject: string;
  readonly name?: string;
  /** Taken as the provider tells it. `emailVerified` says whether the provider has checked that it is the user's. */
  readonly email?: string;
  /** Absent where the provider does not say. */
  readonly emailVerified?: boolean;
  /** The URL of a picture. */
  readonly picture?: string;
  /** All that the provider told, as it came. */
  readonly claims: Readonly<Record<string, unknown>>;
}

type Claims = UserInfo["claims"];

/**
 * Name, e-mail and picture of the user of the request being served, as the identity provider tells them: by its
 * userinfo endpoint (OpenID Connect Core 1.0 section 5.3), or by what it told of the token. Asked once for each token,
 * and kept for as long as that is good.
 *
 * A member is absent where the provider does not tell it: at most providers, the login needs the scopes `openid`,
 * `profile` and `email` for it. Decide nothing by an e-mail that is not verified; decide by `subject`.
 *
 * @throws ToolError when the provider can't be reached now, or no longer accepts the login.
 * @throws Error outside a request, for a machine, and where the provider tells nothing; it says what to set.
 *
 * @example
 * ```ts
 * server.registerTool("greet", {}, async () => `Hello ${(await getUserInfo()).name ?? "there"}.`);
 * ```
 */
export async function getUserInfo(): Promise<UserInfo> {
  const token = getAccessToken();
  const told = await currentUserClaims()?.(token);
  const info = toUserInfo(token.subject, told ?? token.claims);
  if (told === undefined && !tellsOfUser(info)) {
    throw new Error(
      "This provider tells nothing of its users here: it has no userinfo endpoint that this server knows, and its tokens carry no name, e-mail or picture. Have it put them into the access token, or ask its API with getAccessToken().token.",
    );
  }
  return info;
}

function toUserInfo(subject: string, claims: Claims): UserInfo {
  const given = [text(claims, "given_name"), text(claims, "family_name")].filter(Boolean).join(" ");
  const name = text(claims, "name") ?? (given === "" ? undefined : given) ?? text(claims, "nickname", "login");
  const email = text(claims, "email");
  const verified = member(claims, "email_verified");
  const picture = text(claims, "picture", "avatar_url");
  return {
    subject,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    // Amazon Cognito writes it as a text.
    ...(verified === true || verified === "true" ? { emailVerified: true } : {}),
    ...(verified === false || verified === "false" ? { emailVerified: false } : {}),
    ...(picture !== undefined && { picture }),
    claims,
  };
}

/** Whether claims name a user, or show one. */
export function tellsOfUser({ name, email, picture }: Omit<UserInfo, "subject" | "claims">): boolean {
  return [name, email, picture].some((member) => member !== undefined);
}

function text(claims: Claims, ...names: readonly string[]): string | undefined {
  const found = names.map((name) => member(claims, name)).find((value) => typeof value === "string" && value !== "");
  return found as string | undefined;
}

function member(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

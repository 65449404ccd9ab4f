import { decodeJwt, decodeProtectedHeader } from "jose";
import type { AccessToken } from "../../access-token.ts";
import { OAuthError } from "../../errors.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { Subject } from "./subject.ts";
import { type ClaimVerdict, explainClaims } from "./token-claims.ts";

/** What would become of a token. */
export interface TokenVerdict {
  /** What kind of token it looks like; `encrypted` is an identity provider's, `sealed` this server's. */
  readonly kind: "sealed" | "jwt" | "encrypted" | "opaque";
  readonly accepted: boolean;
  /** Why: a sentence. Never holds the token. */
  readonly reason: string;
  readonly claims: readonly ClaimVerdict[];
}

/** Judges a token as the MCP endpoint would, and the identity provider's own tokens as the login would. */
export async function judgeToken(token: string, subject: Subject): Promise<TokenVerdict> {
  const kind = kindOf(token);
  const { upstream } = subject.provider;
  if (upstream === undefined) return { kind, ...(await judgeOwn(token, subject)) };
  if (upstream.kind === "tokens") {
    const verifier = upstream.createVerifier(subject.context);
    const judged = await judgeUpstream(token, verifier, subject);
    return { kind, ...judged, claims: explainJwt(token, verifier, subject) };
  }
  // Fails soon where the provider can't be reached; the start of a server would wait for it.
  const { tokens } = await upstream.discover(subject.context);
  if (kind === "sealed" || kind === "opaque") return { kind, ...(await judgeOwn(token, subject)) };
  const { accepted, reason } = await judgeUpstream(token, tokens, subject);
  return {
    kind,
    accepted: false,
    reason: `${NOT_OURS} At the login it would be ${accepted ? "accepted" : "refused"}: ${reason}`,
    claims: explainJwt(token, tokens, subject),
  };
}

const NOT_OURS =
  "It is none of this server's tokens, which are what MCP clients get at the login and the only ones that the MCP endpoint accepts.";

/** A JWE with an issuer in its header is an identity provider's: ours has none. */
function kindOf(token: string): TokenVerdict["kind"] {
  const parts = token.split(".").length;
  if (parts === 3) return "jwt";
  if (parts !== 5) return "opaque";
  try {
    return decodeProtectedHeader(token).iss === undefined ? "sealed" : "encrypted";
  } catch {
    return "opaque";
  }
}

type Judgement = Pick<TokenVerdict, "accepted" | "reason" | "claims">;

async function judgeOwn(token: string, { authentication }: Subject): Promise<Judgement> {
  await authentication.start();
  try {
    const accessToken = await authentication.verifier.verify(token);
    const missing = authentication.requiredScopes.filter((scope) => !accessToken.scopes.includes(scope));
    const claims = describeOwn(accessToken);
    if (missing.length === 0) return { accepted: true, reason: "This server issued it, and it is good.", claims };
    return { accepted: false, reason: `It lacks the required scopes ${missing.join(", ")}.`, claims };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const cause = error.cause instanceof Error ? ` ${error.cause.message}` : "";
    return { accepted: false, reason: `${error.message}${cause}`, claims: [] };
  }
}

function describeOwn({ subject, clientId, scopes, expiresAt }: AccessToken): ClaimVerdict[] {
  const fact = (claim: string, message: string): ClaimVerdict => ({ claim, status: "ok", message });
  return [
    fact("sub", `${subject}.`),
    fact("client", `${clientId}, as the log names it.`),
    fact("scope", `${scopes.join(", ") || "none"}.`),
    fact("exp", `${new Date(expiresAt * 1000).toISOString()}.`),
  ];
}

function explainJwt(
  token: string,
  { rules }: UpstreamTokenVerifier,
  { authentication, context }: Subject,
): ClaimVerdict[] {
  if (rules === undefined) return [];
  try {
    return explainClaims({
      header: decodeProtectedHeader(token),
      claims: decodeJwt(token),
      rules,
      requiredScopes: authentication.requiredScopes,
      now: context.clock(),
    });
  } catch {
    // No JWT: the verifier says so.
    return [];
  }
}

async function judgeUpstream(
  token: string,
  verifier: UpstreamTokenVerifier,
  { authentication }: Subject,
): Promise<Pick<TokenVerdict, "accepted" | "reason">> {
  try {
    const { scopes } = await verifier.verify(token);
    const missing = authentication.requiredScopes.filter((scope) => !scopes.includes(scope));
    if (missing.length === 0) return { accepted: true, reason: "The signature is good, and so is all that it says." };
    return {
      accepted: false,
      reason: `The signature is good, but it lacks the required scopes ${missing.join(", ")}.`,
    };
  } catch (error) {
    if (error instanceof UpstreamTokenError) return { accepted: false, reason: error.message };
    if (error instanceof UpstreamError) return { accepted: false, reason: `It can't be checked now. ${error.message}` };
    throw error;
  }
}

import { decodeJwt, decodeProtectedHeader } from "jose";
import type { AccessToken } from "../../access-token.ts";
import { confirmationOf } from "../../dpop/confirmation.ts";
import { OAuthError } from "../../errors.ts";
import { rolesIn } from "../../upstream/roles.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import { explainValue, type ValueKind } from "./recognized-value.ts";
import type { Subject } from "./subject.ts";
import { type ClaimVerdict, explainClaims } from "./token-claims.ts";

/** What would become of a token. */
export interface TokenVerdict {
  /** What kind of token it looks like; `encrypted` is an identity provider's, `sealed` this server's. */
  readonly kind: "sealed" | "jwt" | "encrypted" | "opaque";
  /** Which other value it is, if this server made it. */
  readonly value?: ValueKind;
  readonly accepted: boolean;
  /** Why: a sentence. Never holds the token. */
  readonly reason: string;
  readonly claims: readonly ClaimVerdict[];
}

/** Judges a token as the MCP endpoint would, and the identity provider's own tokens as the login would. */
export async function judgeToken(token: string, subject: Subject): Promise<TokenVerdict> {
  const kind = kindOf(token);
  const { upstream } = subject.provider;
  if (upstream === undefined) {
    return { kind, ...(await judgeOwn(token, subject)) };
  }
  if (upstream.kind === "tokens") {
    return {
      kind,
      ...withBinding(token, await judgeUpstream(token, await upstream.createVerifier(subject.context), subject)),
    };
  }
  // Fails soon where the provider can't be reached; the start of a server would wait for it.
  const { tokens } = await upstream.discover(subject.context);
  if (kind === "sealed" || kind === "opaque") {
    return { kind, ...(await recognized(token, await judgeOwn(token, subject), subject)) };
  }
  const asMachine = kind === "jwt" ? await judgeOwn(token, subject) : undefined;
  if (asMachine?.accepted) {
    return { kind, ...asMachine, reason: MACHINE };
  }
  const { accepted, reason, claims } = await judgeUpstream(token, tokens, subject);
  const atLogin = `At the login it would be ${accepted ? "accepted" : "refused"}: ${reason}`;
  return { kind, accepted: false, reason: `${NOT_OURS} ${atLogin}`, claims };
}

const MACHINE = "It is the identity provider's own token of a machine, and the configuration accepts those.";

const NOT_OURS =
  "It is none of this server's tokens, which are what MCP clients get at the login and the only ones that the MCP endpoint accepts.";

/** A JWE with an issuer in its header is an identity provider's: ours has none. */
function kindOf(token: string): TokenVerdict["kind"] {
  const parts = token.split(".").length;
  if (parts === 3) {
    return "jwt";
  }
  if (parts !== 5) {
    return "opaque";
  }
  try {
    return decodeProtectedHeader(token).iss === undefined ? "sealed" : "encrypted";
  } catch {
    return "opaque";
  }
}

type Judgement = Pick<TokenVerdict, "accepted" | "reason" | "claims" | "value">;

/** Explains a refusal further if this server made the value. */
async function recognized(token: string, judgement: Judgement, subject: Subject): Promise<Judgement> {
  if (judgement.accepted) {
    return judgement;
  }
  if (/^https:\/\/\S+$/i.test(token)) {
    return { ...judgement, reason: A_URL };
  }
  const found = await subject.authentication.recognize?.(token);
  if (found === undefined) {
    return judgement;
  }
  const { value, reason = judgement.reason, claims } = explainValue(found, subject);
  return { accepted: false, reason, claims: [...claims, ...judgement.claims], ...(value !== undefined && { value }) };
}

const A_URL =
  "It is a URL, such as the client id of a client that publishes its metadata. Use the access token that the client received.";

async function judgeOwn(token: string, subject: Subject): Promise<Judgement> {
  const { authentication } = subject;
  await authentication.start();
  try {
    const accessToken = await authentication.verifier.verify(token);
    const missing = authentication.requiredScopes.filter((scope) => !accessToken.scopes.includes(scope));
    const claims = [...describeOwn(accessToken), ...describeRoles(accessToken.claims, subject)];
    if (missing.length === 0) {
      return { accepted: true, reason: "This server issued it, and it is good.", claims };
    }
    return { accepted: false, reason: `It lacks the required scopes ${missing.join(", ")}.`, claims };
  } catch (error) {
    if (!(error instanceof OAuthError)) {
      throw error;
    }
    const cause = error.cause instanceof Error ? ` ${error.cause.message}` : "";
    return { accepted: false, reason: `${error.message}${cause}`, claims: [] };
  }
}

/** What `requiredRoles` goes by. Of a JWT that is not verified yet, what it says. */
function describeRoles(claims: Readonly<Record<string, unknown>>, { provider }: Subject): ClaimVerdict[] {
  const claim = provider.roles?.claim;
  if (claim === undefined) {
    return [];
  }
  const roles = rolesIn(claims, claim);
  return [{ claim: "roles", status: "info", message: `${roles.join(", ") || "none"}, by the claim ${claim}.` }];
}

function describeOwn({ subject, clientId, scopes, expiresAt, jkt }: AccessToken): ClaimVerdict[] {
  const fact = (claim: string, message: string): ClaimVerdict => ({ claim, status: "ok", message });
  return [
    fact("sub", `${subject}.`),
    fact("client", `${clientId}, as the log names it.`),
    fact("scope", `${scopes.join(", ") || "none"}.`),
    fact("exp", `${new Date(expiresAt * 1000).toISOString()}.`),
    ...(jkt === undefined ? [] : [describeKey(jkt)]),
  ];
}

/** At the MCP endpoint, a token that its issuer bound to the client is held to that, too. */
function withBinding(token: string, judgement: Judgement): Judgement {
  const { accepted, reason, claims } = judgement;
  try {
    const { jkt } = confirmationOf(decodeJwt(token));
    return jkt === undefined ? judgement : { ...judgement, claims: [...claims, describeKey(jkt)] };
  } catch (error) {
    if (!(error instanceof OAuthError)) {
      return judgement;
    }
    const fault: ClaimVerdict = { claim: "cnf", status: "failure", message: error.message };
    return { accepted: false, reason: accepted ? error.message : reason, claims: [...claims, fault] };
  }
}

function describeKey(jkt: string): ClaimVerdict {
  const message = `${jkt}: the token is bound to this key, so that each call needs a DPoP proof by it.`;
  return { claim: "cnf", status: "info", message };
}

async function judgeUpstream(token: string, verifier: UpstreamTokenVerifier, subject: Subject): Promise<Judgement> {
  const { requiredScopes } = subject.authentication;
  try {
    const { scopes } = await verifier.verify(token);
    const missing = requiredScopes.filter((scope) => !scopes.includes(scope));
    const claims = explainJwt(token, verifier, subject, scopes);
    if (missing.length === 0) {
      return { accepted: true, reason: "It is genuine, and all that it says is good.", claims };
    }
    return { accepted: false, reason: `It is genuine, but lacks the required scopes ${missing.join(", ")}.`, claims };
  } catch (error) {
    const claims = explainJwt(token, verifier, subject);
    if (error instanceof UpstreamTokenError) {
      return { accepted: false, reason: error.message, claims };
    }
    if (!(error instanceof UpstreamError)) {
      throw error;
    }
    return { accepted: false, reason: `It can't be checked now. ${error.message}`, claims };
  }
}

function explainJwt(
  token: string,
  { rules }: UpstreamTokenVerifier,
  subject: Subject,
  carriedScopes?: readonly string[],
): readonly ClaimVerdict[] {
  if (rules === undefined) {
    return [];
  }
  try {
    const [header, claims] = [decodeProtectedHeader(token), decodeJwt(token)];
    const { requiredScopes } = subject.authentication;
    const explained = explainClaims({
      header,
      claims,
      rules,
      requiredScopes,
      carriedScopes,
      now: subject.context.clock(),
    });
    return [...explained, ...describeRoles(claims, subject)];
  } catch {
    // No JWT: the verifier says so.
    return [];
  }
}

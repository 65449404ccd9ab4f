import type { Request, Response } from "express";
import { randomToken } from "./random.ts";
import type { Session, Tenant } from "./tenant.ts";

const LIFETIME = 24 * 3600;

/** The browser's login session, so that a second application needs no second login. */
export function currentSession(tenant: Tenant, request: Request): Session | undefined {
  const cookies = (request.headers.cookie ?? "").split(/; */);
  const prefix = `${cookieName(tenant)}=`;
  const cookie = cookies.find((entry) => entry.startsWith(prefix));
  return cookie === undefined ? undefined : tenant.sessions.get(cookie.slice(prefix.length));
}

export function startSession(tenant: Tenant, response: Response, username: string): Session {
  const session: Session = { id: randomToken(), username, authenticatedAt: tenant.clock() };
  tenant.sessions.set(session.id, session, LIFETIME);
  response.cookie(cookieName(tenant), session.id, { httpOnly: true, sameSite: "lax", path: "/" });
  return session;
}

export function endSession(tenant: Tenant, request: Request, response: Response): void {
  const session = currentSession(tenant, request);
  if (session !== undefined) {
    tenant.sessions.delete(session.id);
  }
  response.clearCookie(cookieName(tenant), { httpOnly: true, sameSite: "lax", path: "/" });
}

/** Browsers share cookies between the ports of a host, so the port is part of the name. */
function cookieName(tenant: Tenant): string {
  return `dev-auth0-${new URL(tenant.issuer).port || "80"}`;
}

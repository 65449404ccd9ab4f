import { describe, expect, it } from "vitest";
import { parseDomain } from "./domain.ts";

function hostOf(input: string): string {
  const parsed = parseDomain(input);
  if (!parsed.ok) {
    throw new Error(parsed.problem);
  }
  return parsed.value.host;
}

function problemOf(input: string): string {
  const parsed = parseDomain(input);
  if (parsed.ok) {
    throw new Error(`accepted as ${parsed.value.host}`);
  }
  return parsed.problem;
}

describe("a domain as people paste it", () => {
  it.each([
    ["my-tenant.us.auth0.com", "my-tenant.us.auth0.com"],
    ["my-tenant.auth0.com", "my-tenant.auth0.com"],
    ["my-tenant.eu-2.auth0.com", "my-tenant.eu-2.auth0.com"],
    ["  My-Tenant.US.Auth0.COM \t", "my-tenant.us.auth0.com"],
    ["https://my-tenant.us.auth0.com", "my-tenant.us.auth0.com"],
    ["https://my-tenant.us.auth0.com/", "my-tenant.us.auth0.com"],
    ["HTTPS://my-tenant.us.auth0.com/authorize?client_id=x#y", "my-tenant.us.auth0.com"],
    ["https://my-tenant.us.auth0.com/.well-known/openid-configuration", "my-tenant.us.auth0.com"],
    ["my-tenant.us.auth0.com/", "my-tenant.us.auth0.com"],
    ["my-tenant.us.auth0.com.", "my-tenant.us.auth0.com"],
    ["//my-tenant.us.auth0.com", "my-tenant.us.auth0.com"],
    ["https://my-tenant.us.auth0.com:443/", "my-tenant.us.auth0.com"],
    ["login.example.com", "login.example.com"],
    ["auth.example.co.uk", "auth.example.co.uk"],
    ["login.oauth.dev", "login.oauth.dev"],
    ["auth0.example.com", "auth0.example.com"],
    ["login.auth0-proxy.example", "login.auth0-proxy.example"],
  ])("understands %j", (input, host) => {
    expect(hostOf(input)).toBe(host);
  });

  it("gives the address of the discovery document", () => {
    expect(parseDomain("HTTPS://Acme.eu.auth0.com/some/page")).toEqual({
      ok: true,
      value: { host: "acme.eu.auth0.com", configUrl: "https://acme.eu.auth0.com/.well-known/openid-configuration" },
    });
  });

  it("takes a stand-in on loopback, over http and with a port", () => {
    expect(parseDomain("http://localhost:4400/")).toEqual({
      ok: true,
      value: { host: "localhost:4400", configUrl: "http://localhost:4400/.well-known/openid-configuration" },
    });
  });

  it("writes an international domain in its ASCII form", () => {
    expect(hostOf("login.bücher.example")).toBe("login.xn--bcher-kva.example");
  });
});

describe("a slip in .auth0.com", () => {
  it.each([
    ["my-tenant.us.auth0.co", "my-tenant.us.auth0.com"],
    ["my-tenant.us.auht0.com", "my-tenant.us.auth0.com"],
    ["my-tenant.us.autho.com", "my-tenant.us.auth0.com"],
    ["my-tenant.us.auth0.con", "my-tenant.us.auth0.com"],
    ["my-tenant.us.auth.com", "my-tenant.us.auth0.com"],
    ["my-tenant.us.atuh0.com", "my-tenant.us.auth0.com"],
    ["my-tenant.us.auth0.io", "my-tenant.us.auth0.com"],
    ["my-tenant.usauth0.com", "my-tenant.us.auth0.com"],
    ["my-tenant.us.auth0", "my-tenant.us.auth0.com"],
    ["https://My-Tenant.us.auth0.cm/login", "my-tenant.us.auth0.com"],
  ])("is not guessed at: %j", (input, meant) => {
    expect(problemOf(input)).toContain(meant);
  });

  it("is seen without its dot", () => {
    expect(problemOf("my-tenantauth0com")).toContain("my-tenant.us.auth0.com");
    expect(problemOf("my-tenant.us.auth0com")).toContain("my-tenant.us.auth0.com");
  });
});

describe("what is no tenant's domain", () => {
  it.each([
    ["", "my-tenant.us.auth0.com"],
    ["   ", "my-tenant.us.auth0.com"],
    ["my-tenant", "my-tenant.us.auth0.com"],
    ["auth0.com", "not a tenant"],
    ["https://manage.auth0.com/dashboard/eu/acme/applications", "acme.eu.auth0.com"],
    ["https://manage.auth0.com/", "dashboard"],
    ["http://my-tenant.us.auth0.com", "https"],
    ["my-tenant.us.auth0.com:8443", "no port"],
    ["https://user:pass@my-tenant.us.auth0.com", "user name"],
    ["my-tenant.us.auth0.com.evil.example", "evil.example"],
    ["192.0.2.7", "address"],
    ["[2001:db8::1]", "address"],
    ["my tenant.auth0.com", "spaces"],
    ["my-tenant.us.auth0.com\nEVIL=1", "line breaks"],
    ["-x-.auth0.com", "not a domain"],
    ["my_tenant.auth0.com", "not a domain"],
    ["ftp://my-tenant.us.auth0.com", "not a domain"],
    ["https://", "not a domain"],
  ])("is refused with a sentence: %j", (input, words) => {
    expect(problemOf(input)).toContain(words);
  });
});

import { describe, expect, it } from "vitest";
import { hostMarkup, splitHost } from "./registrable-domain.ts";

describe("a host on a page", () => {
  it.each([
    ["login.accounts.example.com", "login.accounts.", "example.com"],
    ["claude.ai.example.co.uk", "claude.ai.", "example.co.uk"],
    ["evil.vercel.app", "", "evil.vercel.app"],
    ["localhost", "", "localhost"],
    ["192.0.2.7", "", "192.0.2.7"],
    ["[2001:db8::1]", "", "[2001:db8::1]"],
    ["Claude.AI", "", "Claude.AI"],
  ])("%s stands out where it was registered", async (host, subdomain, domain) => {
    const parts = await splitHost(host);
    expect(parts).toEqual({ subdomain, domain });
    expect(hostMarkup(parts).markup).toContain(`${subdomain}<b>${domain}</b>`);
  });
});

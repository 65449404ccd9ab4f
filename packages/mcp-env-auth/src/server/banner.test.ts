import { describe, expect, it } from "vitest";
import { bannerOf } from "./banner.ts";

const facts = {
  name: "Weather Éxpert",
  version: "1.2.0",
  url: "http://localhost:8000/mcp",
  local: "http://127.0.0.1:8000/mcp",
};
const text = (provider: Parameters<typeof bannerOf>[0]["provider"], local = facts.local) => {
  const { heading, lines } = bannerOf({ ...facts, local, provider });
  return [heading, ...lines.map((line) => line.join(": "))];
};

describe("the banner", () => {
  it("says name, address, provider, who may log in and what to do next, in six lines at most", () => {
    expect(text({ title: "Auth0", organizations: ["acme", "org_2"] })).toEqual([
      "Weather Éxpert 1.2.0",
      "Address: http://localhost:8000/mcp",
      "Listens at: http://127.0.0.1:8000/mcp",
      "Provider: Auth0",
      "Login: members of acme, org_2",
      "Next: claude mcp add --transport http weather-xpert http://localhost:8000/mcp",
    ]);
    expect(text({ title: "Auth0" }, facts.url)).toHaveLength(5);
  });

  it.each([
    [undefined, "Provider: none", "Login: not needed: everyone who can reach the server can use it"],
    [{ title: "GitHub" }, "Provider: GitHub", "Login: everyone with an account that GitHub lets in"],
    [{}, "Provider: of your own", "Login: everyone with an account that the provider lets in"],
    [{ title: "Auth0", organizations: [] }, "Provider: Auth0", "Login: nobody: no organization is allowed"],
  ])("tells of the provider %j", (provider, ...lines) => {
    expect(text(provider)).toEqual(expect.arrayContaining(lines));
  });
});

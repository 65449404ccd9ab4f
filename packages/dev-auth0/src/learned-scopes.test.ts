import { decodeJwt } from "jose";
import { afterEach, expect, test } from "vitest";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "./index.ts";
import { logIn, refresh } from "./testing/browser.ts";

const API = { identifier: "https://notes.example.com", scopes: ["notes:read"] };
const SCOPE = "openid offline_access notes:read notes:write";

let auth0: DevAuth0;

afterEach(() => auth0.close());

async function grantedTo(username: string, options: DevAuth0Options): Promise<unknown> {
  auth0 = await startDevAuth0(options);
  const { body } = await logIn(auth0, username, { scope: SCOPE });
  expect((await refresh(auth0, body.refresh_token)).body.scope).toBe(body.scope);
  return decodeJwt(body.access_token).permissions;
}

test("an API that learns scopes takes those of a login: alice has all of them", async () => {
  expect(await grantedTo("alice", { apis: [{ ...API, learnScopes: true }] })).toEqual(["notes:read", "notes:write"]);
});

test("bob has the first scope only, also when all were learned", async () => {
  const apis = [{ ...API, scopes: [], learnScopes: true }];
  expect(await grantedTo("bob", { apis })).toEqual(["notes:read"]);
});

test("an API learns nothing unless it is told to", async () => {
  expect(await grantedTo("alice", { apis: [API] })).toEqual(["notes:read"]);
});

test("users of one's own keep the permissions that they were given", async () => {
  const users = [{ username: "alice", permissions: ["notes:read"] }];
  expect(await grantedTo("alice", { apis: [{ ...API, learnScopes: true }], users })).toEqual(["notes:read"]);
});

test("a user whose permissions were changed keeps them", async () => {
  auth0 = await startDevAuth0({ apis: [{ ...API, learnScopes: true }] });
  auth0.updateUser("alice", { permissions: [] });
  const { body } = await logIn(auth0, "alice", { scope: SCOPE });
  expect(decodeJwt(body.access_token).permissions).toEqual([]);
});

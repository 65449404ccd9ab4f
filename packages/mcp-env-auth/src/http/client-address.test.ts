import express from "express";
import { describe, expect, it } from "vitest";
import { clientAddress, readAddress, requestAddress } from "./client-address.ts";
import { send, serve } from "./testing/serve.ts";

describe("an address as a load balancer writes it", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    [" 203.0.113.7 ", "203.0.113.7"],
    ["203.0.113.7:50123", "203.0.113.7"],
    ["203.0.113.7:", "203.0.113.7"],
    ["2001:db8::7", "2001:db8::7"],
    ["2001:DB8:0:0:0:0:0:7", "2001:db8::7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["[2001:db8::7]:50123", "2001:db8::7"],
    ['"[2001:db8::7]:50123"', "2001:db8::7"],
    ['"203.0.113.7:50123"', "203.0.113.7"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:80", "fe80::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["[::ffff:203.0.113.7]:50123", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
  ])("is read: %s", (text, address) => {
    expect(readAddress(text)).toBe(address);
  });

  it.each([
    "",
    "unknown",
    "_hidden",
    "_gazonk:80",
    "203.0.113",
    "203.0.113.256",
    "example.com",
    "[]",
    "[203.0.113",
    "1:2",
    "-",
  ])("is none: %s", (text) => {
    expect(readAddress(text)).toBeUndefined();
    const socket = { remoteAddress: "::ffff:198.51.100.9" } as never;
    expect(clientAddress({ ip: text, socket })).toBe("198.51.100.9");
  });
});

describe("the address of a request that Express has not seen", () => {
  const FORWARDED = [
    undefined,
    "203.0.113.1",
    "198.51.100.9, 203.0.113.1",
    "192.0.2.1,198.51.100.9 , 203.0.113.1:5000",
    "198.51.100.9, unknown",
    ", ,203.0.113.1,",
    "",
    "[2001:db8::1]:443",
  ];

  it.each([0, 1, 2, 5])("is the one that Express finds behind %i proxies", async (proxies) => {
    const app = express().set("trust proxy", proxies);
    app.use((request, response) => void response.json(clientAddress(request)));
    const ofExpress = await serve(app);
    const own = await serve((request, response) => response.end(JSON.stringify(requestAddress(request, proxies))));
    for (const forwarded of FORWARDED) {
      const headers = forwarded === undefined ? {} : { "X-Forwarded-For": forwarded };
      const [expected, found] = await Promise.all([ofExpress, own].map((origin) => send(origin, { headers })));
      expect([forwarded, found?.body]).toEqual([forwarded, expected?.body]);
    }
  });

  it("is Express's where an app serves the request, whatever the app trusts", async () => {
    const app = express().set("trust proxy", 1);
    app.use((request, response) => void response.json(requestAddress(request, 0)));
    const answer = await send(await serve(app), { headers: { "X-Forwarded-For": "203.0.113.1" } });
    expect(answer.body).toBe('"203.0.113.1"');
  });
});

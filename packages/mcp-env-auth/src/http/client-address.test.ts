import { describe, expect, it } from "vitest";
import { clientAddress, readAddress } from "./client-address.ts";

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

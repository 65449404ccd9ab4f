import { SocketAddress } from "node:net";
import { ipKeyGenerator } from "express-rate-limit";
import { describe, expect, it } from "vitest";
import { networkOf } from "./client-network.ts";

const spelled = (address: string) => new SocketAddress({ family: "ipv6", address }).address;

describe("the network of a client", () => {
  it("is its address in IPv4, and whatever is no address", () => {
    expect(["192.0.2.7", ""].map(networkOf)).toEqual(["192.0.2.7", ""]);
  });

  it.each([
    ["2001:db8:1:2aff::1", "2001:db8:1:2a00::/56"],
    ["2001:db8:1:2a00:1:2:3:4", "2001:db8:1:2a00::/56"],
    ["2001:db8:1:2b00:1:2:3:4", "2001:db8:1:2b00::/56"],
    ["2001:db8::1:2:3:4:5", "2001:db8:0:0::/56"],
    ["2001::1:2:3:4:5:6", "2001:0:1:0::/56"],
    ["::1", "0:0:0:0::/56"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/56"],
    ["2001:db8:1:2:3:4:192.0.2.1", "2001:db8:1:0::/56"],
  ])("of %s is %s", (address, network) => expect(networkOf(address)).toBe(network));

  it("is the one that the limits of Express go by", () => {
    const addresses = ["2001:db8:1:2aff::1", "2001:db8:1:2a00:9::", "2001:db8:1:2b00::1", "2001:db8::1:2", "fe80::1"];
    const groups = (key: (address: string) => string) =>
      addresses.map((address) => addresses.findIndex((other) => key(other) === key(spelled(address))));
    expect(groups(networkOf)).toEqual(groups((address) => ipKeyGenerator(address)));
  });
});

import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPolicyFile } from "./read-policy-file.ts";

const POLICY = { tools: { save_place: { roles: ["editor"] } } };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "policy-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string | Uint8Array) => writeFile(join(folder, name), text);

describe("the policy's file", () => {
  it("is relative to the working directory, and may begin with a byte order mark", async () => {
    await write("policy.json", `\ufeff${JSON.stringify(POLICY)}`);
    expect(readPolicyFile("policy.json", folder)).toEqual({ policy: POLICY, problems: [] });
    expect(readPolicyFile(undefined, folder)).toEqual({ policy: undefined, problems: [] });
  });

  it("may be reached through links, as Kubernetes mounts a ConfigMap, and counts as it was when it was read", async () => {
    await mkdir(join(folder, "..data"));
    await write("..data/policy.json", JSON.stringify(POLICY));
    await symlink("..data/policy.json", join(folder, "policy.json"));
    const { policy } = readPolicyFile("policy.json", folder);
    await write("other.json", "{}");
    await rename(join(folder, "other.json"), join(folder, "..data/policy.json"));
    expect(policy).toEqual(POLICY);
  });

  it.each([
    ["is not there", async () => {}, /names the file .*policy\.json, which does not exist\.$/],
    ["is a folder", () => mkdir(join(folder, "policy.json")), /which is a directory, not a file\.$/],
    [
      "is a link in a circle",
      () => symlink("policy.json", join(folder, "policy.json")),
      /which can't be read \(ELOOP\)\.$/,
    ],
    ["leads to nothing", () => symlink("absent.json", join(folder, "policy.json")), /which does not exist\.$/],
    ["is too big", () => write("policy.json", " ".repeat(1_048_577)), /which is larger than 1048576 bytes/],
    ["is no UTF-8", () => write("policy.json", new Uint8Array([0x7b, 0xff, 0x7d])), /which is not UTF-8 text/],
    ["is empty", () => write("policy.json", ""), /^\$ is no JSON\. The file is empty\.$/],
  ])("is refused when it %s", async (_what, make, message) => {
    await make();
    const { policy, problems } = readPolicyFile("policy.json", folder);
    expect(policy).toBeUndefined();
    expect(problems).toEqual([{ variable: "FASTMCP_AUTHORIZATION_FILE", message: expect.stringMatching(message) }]);
  });
});

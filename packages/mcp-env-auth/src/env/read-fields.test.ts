import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { scopes } from "./list-fields.ts";
import { integer, secret, text } from "./plain-fields.ts";
import { readFields } from "./read-fields.ts";
import { environmentOf } from "./testing/environment-of.ts";
import { httpUrl } from "./url-fields.ts";

const fields = {
  configUrl: httpUrl({
    description: "The discovery document",
    example: "https://t.example/x",
    where: "the dashboard",
    required: true,
  }),
  clientSecret: secret({ description: "The secret", example: "a long string", required: true }),
  requiredScopes: scopes({ description: "The scopes", example: "openid", default: ["openid"] }),
  audience: text({ description: "The audience", example: "https://api" }),
  timeoutSeconds: integer({ description: "The patience", example: "10", default: 10 }),
};
const good = { P_CONFIG_URL: "https://T.example", P_CLIENT_SECRET: "hunter22hunter22" };

describe("reading fields", () => {
  it("gives typed values, defaults, and nothing for what is optional", () => {
    const { values, problems } = readFields(fields, "P_", environmentOf(good));
    expect(problems).toEqual([]);
    expect(values).toEqual({
      configUrl: new URL("https://t.example/"),
      clientSecret: "hunter22hunter22",
      requiredScopes: ["openid"],
      timeoutSeconds: 10,
    });
  });

  it("reports every problem at once, by the full name, with an example and where to look", () => {
    const { problems } = readFields(fields, "P_", environmentOf({ P_TIMEOUT_SECONDS: "soon" }));
    expect(problems).toEqual([
      {
        variable: "P_CONFIG_URL",
        message: "is required. The discovery document. Example: https://t.example/x Where: the dashboard",
      },
      { variable: "P_CLIENT_SECRET", message: "is required. The secret. Example: a long string" },
      { variable: "P_TIMEOUT_SECONDS", message: "must be a whole number. It is not a whole number. Example: 10" },
    ]);
  });

  it("still gives what is good, and knows what was given", () => {
    const { values, given } = readFields(fields, "P_", environmentOf({ P_CONFIG_URL: "nope", P_AUDIENCE: "a" }));
    expect(values).toEqual({ audience: "a", requiredScopes: ["openid"], timeoutSeconds: 10 });
    expect(given).toEqual(new Set(["configUrl", "audience"]));
  });

  it("takes an empty value for what it is: no scopes, no audience, no secret", () => {
    const { values, problems } = readFields(
      fields,
      "P_",
      environmentOf({ P_CONFIG_URL: "", P_CLIENT_SECRET: "", P_REQUIRED_SCOPES: "", P_AUDIENCE: "" }),
    );
    expect(values).toEqual({ requiredScopes: ["openid"], timeoutSeconds: 10 });
    expect(problems).toEqual([
      { variable: "P_CONFIG_URL", message: expect.stringContaining("It is empty.") },
      { variable: "P_CLIENT_SECRET", message: expect.stringContaining("is required. It is set, but empty.") },
    ]);
  });

  it("says of a required text that it is set but empty", () => {
    const required = { audience: text({ description: "The audience", example: "x", required: true }) };
    const { problems } = readFields(required, "P_", environmentOf({ P_AUDIENCE: "" }, { P_AUDIENCE: "from the file" }));
    expect(problems[0]?.message).toContain("is required. It is set, but empty.");
  });

  it("tells where each value comes from", () => {
    const { origins } = readFields(
      fields,
      "P_",
      environmentOf({ P_CONFIG_URL: "https://t.example", P_AUDIENCE: "" }, { p_client_secret: "hunter22hunter22" }),
    );
    expect(origins).toEqual([
      { variable: "P_CONFIG_URL", source: { kind: "process" }, value: "https://t.example" },
      { variable: "P_CLIENT_SECRET", source: { kind: "file", path: "/app/.env" }, value: "[redacted]" },
      { variable: "P_REQUIRED_SCOPES", source: { kind: "default" }, value: '["openid"]' },
      { variable: "P_TIMEOUT_SECONDS", source: { kind: "default" }, value: "10" },
    ]);
  });

  it("never tells a value, writes nothing and does not exit, where envalid's own reporter would", () => {
    const exit = vi.spyOn(process, "exit");
    const log = vi.spyOn(console, "error");
    const { problems, secrets } = readFields(
      fields,
      "P_",
      environmentOf({ P_CONFIG_URL: "sk-hunter22", P_CLIENT_SECRET: " ", P_TIMEOUT_SECONDS: "sk-hunter22" }),
    );
    expect(problems).toHaveLength(3);
    expect(JSON.stringify(problems)).not.toContain("hunter22");
    expect(secrets).toEqual([" "]);
    expect(exit).not.toHaveBeenCalled();
    expect(log).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it("does not pass on the words of an error that no field made", () => {
    const broken = { ...fields.clientSecret, parse: (value: string) => JSON.parse(value) as string };
    const { problems } = readFields({ broken }, "P_", environmentOf({ P_BROKEN: "hunter22" }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).not.toContain("hunter");
  });
});

it("keeps the ends of a text of which only the sameness matters, without a warning", () => {
  const epoch = text({ description: "Any text", example: "2", default: "", keepsEnds: true });
  const { values, warnings } = readFields({ epoch }, "P_", environmentOf({ P_EPOCH: "\u200b2\r" }));
  expect(values.epoch).toBe("\u200b2\r");
  expect(warnings).toEqual([]);
});

describe("a secret in a file", () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), "secrets-"));
    writeFileSync(join(cwd, "secret"), "hunter22hunter22\n");
    writeFileSync(join(cwd, "lines"), "one\n\n");
    writeFileSync(join(cwd, "empty"), "\n");
    writeFileSync(join(cwd, "large"), "x".repeat(65_537));
    writeFileSync(join(cwd, "binary"), new Uint8Array([0xff, 0x68, 0x75, 0x6e, 0x74, 0x65, 0x72]));
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  const read = (variables: Record<string, string>) =>
    readFields(fields, "P_", environmentOf({ P_CONFIG_URL: "https://t.example", ...variables }, undefined, cwd));

  it("is its value without invisible characters at the end", () => {
    const { values, origins, secrets } = read({ P_CLIENT_SECRET_FILE: "secret" });
    expect(values.clientSecret).toBe("hunter22hunter22");
    expect(secrets).toEqual(["hunter22hunter22"]);
    expect(origins).toContainEqual({
      variable: "P_CLIENT_SECRET",
      source: { kind: "secret-file", path: join(cwd, "secret") },
      value: "[redacted]",
    });
    expect(read({ P_CLIENT_SECRET_FILE: join(cwd, "lines") }).values.clientSecret).toBe("one");
  });

  it("beside the variable itself is an error, even an empty one", () => {
    const { problems } = read({ P_CLIENT_SECRET_FILE: "secret", P_CLIENT_SECRET: "" });
    expect(problems).toEqual([
      { variable: "P_CLIENT_SECRET", message: "and P_CLIENT_SECRET_FILE are both set. Remove one of them." },
    ]);
  });

  it.each([
    ["nope", "does not exist"],
    [".", "is a directory"],
    ["large", "larger than 65536 bytes"],
    ["binary", "is not UTF-8"],
    ["", "must name a file"],
  ])("that can't be read (%j) is a problem of its variable, without its content", (file, reason) => {
    const { problems, given } = read({ P_CLIENT_SECRET_FILE: file });
    expect(problems).toEqual([{ variable: "P_CLIENT_SECRET_FILE", message: expect.stringContaining(reason) }]);
    expect(JSON.stringify(problems)).not.toContain("hunter");
    expect(given.has("clientSecret")).toBe(true);
  });

  it("that is empty is a problem, and not as if there were none", () => {
    expect(read({ P_CLIENT_SECRET_FILE: "empty" }).problems[0]).toEqual({
      variable: "P_CLIENT_SECRET_FILE",
      message: expect.stringContaining("which is empty"),
    });
  });

  it("is for secrets only", () => {
    const { values } = read({ P_CLIENT_SECRET_FILE: "secret", P_AUDIENCE_FILE: "secret" });
    expect(values.audience).toBeUndefined();
  });
});

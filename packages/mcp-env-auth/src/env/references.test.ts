// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what the files say.
import { describe, expect, it } from "vitest";
import { parseDotenv } from "./dotenv.ts";
import { createEnvironment, type Environment } from "./environment.ts";
import { readOutgoing } from "./outgoing-settings.ts";
import { secret, text } from "./plain-fields.ts";
import { readFields } from "./read-fields.ts";
import { standardWarnings } from "./standard-variables.ts";
import { httpUrl } from "./url-fields.ts";

const fields = {
  name: text({ description: "A name", example: "x" }),
  url: httpUrl({ description: "A URL", example: "https://example.com", required: true }),
  secret: secret({ description: "A secret", example: "the secret" }),
};

function environment(file: string, processEnv: Record<string, string> = {}): Environment {
  return createEnvironment({ processEnv, cwd: "/", file: { path: "/.env", ...parseDotenv(file, processEnv) } });
}

function read(file: string, processEnv: Record<string, string> = {}) {
  const { problems, warnings, values } = readFields(fields, "T_", environment(file, processEnv));
  const lines = (list: typeof problems) => list.map(({ variable, message }) => `${variable} ${message}`);
  return { problems: lines(problems), warnings: lines(warnings), values };
}

const GOOD = "T_URL=https://example.com\n";

describe("a reference that nothing sets", () => {
  it.each([
    ["makes the whole value", "T_URL=${TENANT}\n", "It contains ${TENANT}, and TENANT is not set"],
    ["makes it invalid", "T_URL=https://${TENANT}/\n", "T_URL must be an http or https URL."],
    ["says why", "T_URL=https://${TENANT}/\n", "It contains ${TENANT}, and TENANT is not set"],
    ["is in single quotes", "T_URL='${TENANT}'\n", "${TENANT}"],
    ["is in double quotes", 'T_URL="${TENANT}"\n', "${TENANT}"],
    ["is inside of another", "DOMAIN=${TENANT}\nT_URL=${DOMAIN}\n", "${TENANT}"],
    ["comes too late", "T_URL=${TENANT}\nTENANT=https://a.example\n", "TENANT is not set"],
    ["is one of two", "A=a\nT_URL=${A}${B}${C}\n", "${B} and ${C}, and they are not set"],
  ])("is named where it %s", (_what, file, words) => {
    expect(read(file).problems.join("\n")).toContain(words);
  });

  it("is a warning where a value is left", () => {
    const { problems, warnings, values } = read("T_URL=https://mcp-${STAGE}.example.com\nT_SECRET=pa${ss}word\n");
    expect(problems).toEqual([]);
    expect(values.url?.href).toBe("https://mcp-.example.com/");
    expect(warnings).toEqual([
      expect.stringContaining(
        "T_URL contains ${STAGE}, and STAGE is not set: each was replaced by an empty text. Set STAGE",
      ),
      expect.stringContaining("T_SECRET contains ${ss}"),
    ]);
  });

  it("is a warning where the default holds in its place", () => {
    expect(read(`${GOOD}T_NAME=\${NAME}\n`).warnings).toEqual([expect.stringContaining("T_NAME contains ${NAME}")]);
  });

  it.each([
    ["set in the file", "A=https://a.example\nT_URL=${A}\n", {}],
    ["set to nothing", `A=\n${GOOD}T_NAME=a\${A}\n`, {}],
    ["set by the process", "T_URL=${A}\n", { A: "https://a.example" }],
    ["given a default", "T_URL=${A:-https://a.example}\n", {}],
    ["given an empty default", `${GOOD}T_NAME=a\${A:-}\n`, {}],
    ["of a value that the process overrides", "T_URL=${A}\n", { T_URL: "https://a.example" }],
    ["of a variable that nobody reads", `${GOOD}OTHER=\${A}\n`, {}],
    ["of a line that is repeated", `T_URL=\${A}\n${GOOD}`, {}],
  ])("is not named where it is %s", (_what, file, processEnv) => {
    const { problems, warnings } = read(file, processEnv as Record<string, string>);
    expect([...problems, ...warnings]).toEqual([]);
  });

  it("is named in variables that are not ours", () => {
    const set = environment("HTTPS_PROXY=http://${USER_OF_PROXY}@proxy:3128\nOTEL_SERVICE_NAME=${SERVICE}\n");
    expect(standardWarnings(set).map(({ variable }) => variable)).toEqual(["HTTPS_PROXY", "OTEL_SERVICE_NAME"]);
    const [problem] = readOutgoing(environment("HTTPS_PROXY=${SCHEME}://\n")).problems;
    expect(problem?.message).toContain("It contains ${SCHEME}");
  });
});

describe("a reference of another dialect", () => {
  it.each(["$SECRET", "$(SECRET)", "%SECRET%", "{{ secret }}"])("is pointed out: %s, without showing it", (value) => {
    const { warnings } = read(`${GOOD}T_SECRET='${value}'\n`);
    expect(warnings).toEqual([
      expect.stringContaining("T_SECRET looks like a reference, but is not replaced. In an env file"),
    ]);
    expect(warnings.join()).not.toContain("SECRET%");
  });

  it("in braces is replaced in a file only", () => {
    const { warnings } = read("", { T_URL: "https://example.com", T_SECRET: "${SECRET_OF_CI}" });
    expect(warnings).toEqual([
      expect.stringContaining("T_SECRET contains a reference in ${…}, which is replaced in an env file, but"),
    ]);
  });

  it.each(["pa$WORD", "a%20b%", "$2a$10$hash", "{ not 1 }", "$"])("is not seen in %s", (value) => {
    expect(read(`${GOOD}T_SECRET='${value}'\n`).warnings).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { commands } from "./run-command-line.ts";
import { callCli } from "./testing/call-cli.ts";

describe("a command line that can't be followed", () => {
  it.each([
    [[], "No command is given"],
    [["doctr"], "Did you mean doctor?"],
    [["nonsense"], "The commands are doctor, env"],
    [["setup"], "setup auth0"],
    [["setup", "google"], "There is no command setup google. There is setup auth0."],
    [["doctor", "--ofline"], "Did you mean --offline?"],
    [["doctor", "--nothing-like-it"], "doctor has no option --nothing-like-it."],
    [["doctor", "-x"], "doctor has no option -x."],
    [["doctor", "--offline=yes"], "--offline"],
    [["env", "--provider"], "--provider"],
    [["doctor", "surplus"], 'doctor takes no "surplus"'],
    [["migrate", "one", "two"], 'migrate takes no "two"'],
    [["doctor", "--offline", "--token"], "--offline"],
    [["setup", "auth0", "--cli", "--terraform"], "Choose one"],
    [["setup", "auth0", "--scope", 'a"b'], "is no scope"],
    [["setup", "auth0", "--name", "<b>"], "--name"],
    [["revoke"], "Give one of --subject and --client"],
    [["revoke", "--subject", "a", "--client", "b"], "Give one of --subject and --client"],
    [["revoke", "--subject", "a", "--block", "--undo"], "Give --block or --undo"],
  ])("%j ends with exit code 2 and a sentence on standard error", async (args, words) => {
    const { exitCode, stdout, stderr } = await callCli(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).toContain("--help");
  });
});

describe("--help", () => {
  it("lists every command with what it does", async () => {
    const { exitCode, stdout } = await callCli(["--help"]);
    expect(exitCode).toBe(0);
    for (const { name, summary } of commands) {
      expect(stdout).toMatch(new RegExp(`${name} +${summary}`));
    }
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    "of %s lists every option and exit code, in lines that fit",
    async (name, { options }) => {
      const { exitCode, stdout } = await callCli([...name.split(" "), "--help"], { columns: 80 });
      expect(exitCode).toBe(0);
      for (const option of Object.keys(options)) {
        expect(stdout).toContain(`--${option}`);
      }
      for (const code of ["  0  ", "  1  ", "  2  "]) {
        expect(stdout).toContain(code);
      }
      expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    },
  );

  it("wins over anything else that is given rightly", async () => {
    expect((await callCli(["doctor", "--offline", "-h"])).stdout).toContain("Usage");
  });
});

it("says its version", async () => {
  expect((await callCli(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe("colours", () => {
  const coloured = "\u001b[";

  it("are not used where nobody sees them", async () => {
    expect((await callCli(["--help"])).stdout).not.toContain(coloured);
  });

  it("can be forced, and NO_COLOR is honoured otherwise", async () => {
    expect((await callCli(["--help"], { env: { FORCE_COLOR: "1" } })).stdout).toContain(coloured);
    expect((await callCli(["--help"], { env: { NO_COLOR: "1" } })).stdout).not.toContain(coloured);
  });
});

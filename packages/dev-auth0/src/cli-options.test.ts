import { describe, expect, test } from "vitest";
import { readCommandLine, USAGE } from "./cli-options.ts";

function serveOptions(...args: string[]) {
  const command = readCommandLine(args);
  if (command.run !== "serve") {
    throw new Error("Expected to serve.");
  }
  return command.options;
}

describe("the command line", () => {
  test("has a default for everything", () => {
    expect(serveOptions()).toMatchObject({
      port: 4400,
      host: "localhost",
      applications: [
        { clientId: "dev-auth0-client", clientSecret: "dev-auth0-client-secret", type: "regular_web" },
        { clientId: "dev-auth0-spa", type: "spa" },
        { clientId: "dev-auth0-machine", type: "machine" },
      ],
      apis: [{ identifier: "https://weather.example.com/api", scopes: ["weather:read", "weather:write"] }],
      refresh: { rotation: true, leeway: 60 },
    });
  });

  test("moves on from the default port only, and learns scopes unless some are named", () => {
    expect(serveOptions()).toMatchObject({ nextFreePort: true, apis: [{ learnScopes: true }] });
    const options = serveOptions("--port", "4400", "--scope", "notes:read");
    expect(options.nextFreePort).toBeUndefined();
    expect(options.apis?.[0]?.learnScopes).toBeUndefined();
    expect(serveOptions("--audience", "urn:notes").apis).toEqual([
      { identifier: "urn:notes", scopes: [], learnScopes: true },
    ]);
  });

  test("describes the application, the API and refreshes", () => {
    const options = serveOptions(
      ...["--port", "0", "--host", "localhost", "--client-id", "me", "--client-secret", "mine"],
      ...["--callback", "https://one.example/cb", "--callback", "http://localhost:1/cb"],
      ...[
        "--audience",
        "urn:notes",
        "--scope",
        "notes:read",
        "--scope",
        "notes:write",
        "--no-rotation",
        "--leeway",
        "0",
      ],
    );
    expect(options).toMatchObject({
      port: 0,
      host: "localhost",
      apis: [{ identifier: "urn:notes", scopes: ["notes:read", "notes:write"] }],
      refresh: { rotation: false, leeway: 0 },
    });
    expect(options.applications?.[0]).toMatchObject({
      clientId: "me",
      clientSecret: "mine",
      type: "regular_web",
      callbacks: ["https://one.example/cb", "http://localhost:1/cb"],
    });
  });

  test("makes the application a Single Page Application", () => {
    expect(serveOptions("--spa", "--client-id", "me").applications?.[0]).toMatchObject({ clientId: "me", type: "spa" });
  });

  test("never has two applications of one client id", () => {
    const ids = serveOptions("--client-id", "dev-auth0-spa").applications?.map(({ clientId }) => clientId);
    expect(ids).toEqual(["dev-auth0-spa", "dev-auth0-machine"]);
  });

  test.each([
    [["--nope"], "Unknown option '--nope'"],
    [["serve"], "Unexpected argument 'serve'"],
    [["--port", "http"], '--port must be a whole number from 0 to 65535, not "http".'],
    [["--port", "65536"], "--port must be a whole number from 0 to 65535"],
    [["--leeway", "-1"], "--leeway"],
    [["--leeway=1.5"], '--leeway must be a whole number from 0 to 86400, not "1.5".'],
    [["--host", "0.0.0.0"], '--host must be localhost or 127.0.0.1, not "0.0.0.0"'],
    [["--callback", "/cb"], "--callback must be an absolute URL"],
    [["--client-id", ""], "--client-id must not be empty."],
    [["--client-secret", ""], "--client-secret must not be empty."],
    [["--audience", ""], "--audience must not be empty."],
  ])("refuses %j", (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
  });

  test("documents every option", () => {
    for (const option of ["port", "host", "audience", "scope", "client-id", "client-secret", "callback", "spa"]) {
      expect(USAGE).toContain(`--${option} `);
    }
    for (const option of ["no-rotation", "leeway", "help", "version"]) {
      expect(USAGE).toContain(`--${option}`);
    }
  });
});

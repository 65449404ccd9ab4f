/** What the engine is to copy, and where to. */
export interface EngineJob {
  /** The folder that holds the templates, absolute. */
  readonly templateRoot: string;
  /** The name of one of them. */
  readonly template: string;
  /** The folder to write, absolute; it is created, or is there and empty. */
  readonly target: string;
}

/**
 * Copies a template by create-create-app. It takes its target from `process.argv` and reports on `console.log`, so both
 * are lent to it for the time of the call. Git, installation and prompts are the front end's part.
 *
 * @throws what the engine throws: it never ends the process.
 */
export async function copyWithEngine({ templateRoot, template, target }: EngineJob): Promise<void> {
  const { create } = await import("create-create-app");
  const { argv } = process;
  const { log } = console;
  process.argv = [argv[0] ?? "node", argv[1] ?? "create-mcp-auth0-server", target];
  console.log = () => {};
  try {
    await create("create-mcp-auth0-server", {
      templateRoot,
      defaultTemplate: template,
      promptForTemplate: false,
      promptForDescription: false,
      promptForAuthor: false,
      promptForEmail: false,
      promptForLicense: false,
      promptForPackageManager: false,
      skipGitInit: true,
      skipNpmInstall: true,
    });
  } finally {
    process.argv = argv;
    console.log = log;
  }
}

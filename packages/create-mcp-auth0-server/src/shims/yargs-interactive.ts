// A file of its own: the build puts it in the place of a package.

/** An option of the engine, of which only the default matters. */
interface OptionWithDefault {
  readonly default?: unknown;
}

/**
 * Stands in for `yargs-interactive` in the engine's bundle: every option takes its default and nothing is asked, since
 * our own front end has asked already.
 */
export default function yargsInteractive() {
  const parser = {
    usage: () => parser,
    interactive: async (options: Readonly<Record<string, OptionWithDefault>>): Promise<Record<string, unknown>> =>
      Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])),
  };
  return parser;
}

/** What a unit of systemd runs, for one instance of it. */
export interface UnitCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Reads a unit as systemd does, as far as ours go.
 *
 * @param instance what `%i` stands for.
 * @param credentials the folder that `%d` stands for.
 */
export function readUnit(text: string, instance: string, credentials: string): UnitCommand {
  const specified = text.replaceAll("%i", instance).replaceAll("%d", credentials);
  const valuesOf = (name: string) =>
    Array.from(specified.matchAll(new RegExp(`^${name}=(.*)$`, "gm")), ([, value = ""]) => value);
  const [command = ""] = valuesOf("ExecStart");
  const [program = "", ...args] = command.split(" ");
  const variables = valuesOf("Environment").map((pair) => [
    pair.slice(0, pair.indexOf("=")),
    pair.slice(pair.indexOf("=") + 1),
  ]);
  return { program, args, cwd: valuesOf("WorkingDirectory")[0] ?? "/", env: Object.fromEntries(variables) };
}

/** Where a variable was set. */
export type VariableSource =
  | { readonly kind: "process" }
  | { readonly kind: "file"; readonly path: string }
  // Nobody set it: a hosting platform says it by other variables.
  | { readonly kind: "platform"; readonly because: string };

/** A variable that is set. */
export interface EnvironmentVariable {
  /** As it is spelt where it is set. */
  readonly name: string;
  readonly value: string;
  readonly source: VariableSource;
  /** Names in `${…}` of the value that are not set, and were replaced by an empty text. */
  readonly unset?: readonly string[];
}

/** The process's variables over those of the env file. Names are the same in any case. */
export interface Environment {
  /** An empty value is a value: one of the process wins over the file's. */
  get(name: string): EnvironmentVariable | undefined;
  /** Every variable that counts, once. */
  variables(): Iterable<EnvironmentVariable>;
  /** What relative paths in values are relative to. */
  readonly cwd: string;
}

export interface EnvironmentSources {
  readonly processEnv: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The env file, where there is one. */
  readonly file?:
    | {
        readonly path: string | undefined;
        readonly values: ReadonlyMap<string, string | undefined>;
        readonly unset?: ReadonlyMap<string, readonly string[]>;
      }
    | undefined;
}

/** Merges the sources. Of names that differ in case only, the last in a source's order counts. */
export function createEnvironment({ processEnv, cwd, file }: EnvironmentSources): Environment {
  const variables = new Map<string, EnvironmentVariable>();
  const add = (entries: Iterable<[string, string | undefined]>, source: VariableSource) => {
    for (const [name, value] of lastSpellings(entries)) {
      if (value !== undefined) {
        const unset = source.kind === "file" ? file?.unset?.get(name) : undefined;
        variables.set(name.toUpperCase(), { name, value, source, ...(unset && { unset }) });
      }
    }
  };
  if (file?.path !== undefined) {
    add(file.values, { kind: "file", path: file.path });
  }
  add(Object.entries(processEnv), { kind: "process" });
  return { cwd, get: (name) => variables.get(name.toUpperCase()), variables: () => variables.values() };
}

// A later spelling counts even when it sets nothing: `A=1` and then a bare `a` leaves A unset.
function lastSpellings(entries: Iterable<[string, string | undefined]>): Iterable<[string, string | undefined]> {
  const last = new Map<string, [string, string | undefined]>();
  for (const entry of entries) {
    last.set(entry[0].toUpperCase(), entry);
  }
  return last.values();
}

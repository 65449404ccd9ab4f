import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { createEnvironment } from "../env/environment.ts";
import { variableName } from "../env/field.ts";
import { readFields } from "../env/read-fields.ts";
import { SERVER_PREFIX, serverFields } from "../env/server-settings.ts";

const families = [
  ...builtInProviders.map(({ declaration }) => declaration),
  { title: "The server", prefix: SERVER_PREFIX, fields: serverFields },
];

function read(prefix: string, fields: (typeof families)[number]["fields"], name: string, value: string) {
  const variable = variableName(prefix, name);
  const environment = createEnvironment({ processEnv: { [variable]: value }, cwd: "/" });
  const { problems, warnings } = readFields(fields, prefix, environment);
  const of = (list: typeof problems) => list.filter((each) => each.variable === variable).map(({ message }) => message);
  return { problems: of(problems), warnings: of(warnings) };
}

describe.each(families.map((family) => [family.title, family] as const))("a placeholder of %s", (_title, family) => {
  const { prefix, fields } = family;
  const names = Object.keys(fields);

  it("is refused in every field, whatever it is for", () => {
    for (const name of names) {
      for (const value of ["YOUR_VALUE", "<your value>", "…", " ... ", "********"]) {
        expect(read(prefix, fields, name, value).problems, `${name} ${value}`).toEqual([
          expect.stringContaining("is a placeholder. Replace it with the value itself."),
        ]);
      }
    }
  });

  it("is refused as an item of a list and as a value of a record", () => {
    for (const name of names) {
      const field = fields[name as keyof typeof fields];
      for (const value of ['["YOUR_VALUE"]', '{"name":"<your value>"}']) {
        if (!isAccepted(() => field.parse(value), value)) {
          continue;
        }
        expect(read(prefix, fields, name, value).problems, `${name} ${value}`).toEqual([
          expect.stringContaining("is a placeholder"),
        ]);
      }
    }
  });

  it("is none inside of a secret", () => {
    for (const [name, { secret }] of Object.entries(fields)) {
      const value = "q8-YOUR_SECRET-<x>…changeme-0f3c-and-more-characters";
      if (secret && isAccepted(() => fields[name as keyof typeof fields].parse(value), [])) {
        expect(read(prefix, fields, name, value), name).toEqual({ problems: [], warnings: [] });
      }
    }
  });
});

/** Whether it is taken for a list or a record, and not as the text that it is. */
function isAccepted(parse: () => unknown, text: unknown): boolean {
  try {
    const value = parse();
    return value !== text && (typeof value === "string" || Object.getPrototypeOf(value) !== URL.prototype);
  } catch {
    return false;
  }
}

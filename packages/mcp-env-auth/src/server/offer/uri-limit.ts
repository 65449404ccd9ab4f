/** How many steps finding that nothing matches may take: about ten milliseconds. */
const MAX_STEPS = 4_000_000;

const EXPRESSION = /\{([+#./;?&]?)([^{}]*)\}/g;

interface Variable {
  /** The text between the variable before and this one's value, as the SDK's pattern has it. */
  readonly before: string;
  /** Characters that its value can't have, by the SDK's pattern. */
  readonly excluded: string;
}

/**
 * How long a URI may be, in characters, for all `templates` (RFC 6570) to be matched against it in moments. Where what
 * stands between variables can be part of their values, as in `{service}-{env}-{region}`, the SDK's pattern tries every
 * way to divide a URI between them: so many ways that a few hundred characters take minutes when it is four variables.
 */
export function uriLimit(templates: readonly string[], most: number): number {
  return Math.min(most, ...templates.map((template) => longestUri(mostEntangled(template))));
}

/** The length at which there are `MAX_STEPS` ways to divide a text between so many variables. */
function longestUri(variables: number): number {
  if (variables < 2) {
    return Number.POSITIVE_INFINITY;
  }
  let ways = MAX_STEPS;
  for (let factor = 2; factor <= variables; factor++) {
    ways *= factor;
  }
  return Math.floor(ways ** (1 / variables));
}

/** Of the variables that follow each other with nothing between them that says where one ends, the most. */
function mostEntangled(template: string): number {
  let run = 0;
  let most = 0;
  let previous: Variable | undefined;
  for (const variable of variablesOf(template)) {
    const { excluded = "" } = previous ?? {};
    const isApart = [...variable.before].some((character) => excluded.includes(character));
    run = previous === undefined || isApart ? 1 : run + 1;
    most = Math.max(most, run);
    previous = variable;
  }
  return most;
}

function variablesOf(template: string): Variable[] {
  const variables: Variable[] = [];
  let end = 0;
  for (const match of template.matchAll(EXPRESSION)) {
    const [expression, operator = "", names = ""] = match;
    const before = template.slice(end, match.index);
    end = match.index + expression.length;
    if (operator === "?" || operator === "&") {
      names.split(",").forEach((name, index) => {
        const prefix = `${index === 0 ? before + operator : "&"}${name}=`;
        variables.push({ before: prefix, excluded: "&" });
      });
    } else {
      const prefix = operator === "." || operator === "/" ? operator : "";
      variables.push({ before: before + prefix, excluded: EXCLUDED[operator] ?? "/," });
    }
  }
  return variables;
}

const EXCLUDED: Readonly<Record<string, string>> = { "+": "", "#": "", ";": "/" };

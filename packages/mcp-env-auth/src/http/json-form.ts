import { OAuthError } from "../errors.ts";

/** One member of an object in a text that is JSON (RFC 8259 section 4): a name, and a value that is a string. */
const MEMBER = /[{,]\s*("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*")\s*/sy;

/**
 * Reads a JSON object of strings as the form that it stands for. A member that comes twice stays visible, where
 * `JSON.parse` keeps the last.
 *
 * @throws OAuthError `invalid_request` for anything else.
 */
export function readJsonForm(text: string): URLSearchParams {
  const object = text.trim();
  if (!isObject(object)) {
    throw new OAuthError("invalid_request", "The body is not a JSON object.");
  }
  const form = new URLSearchParams();
  let end = 0;
  for (;;) {
    MEMBER.lastIndex = end;
    const [found, name, value] = MEMBER.exec(object) ?? [];
    if (found === undefined || name === undefined || value === undefined) {
      break;
    }
    form.append(JSON.parse(name), JSON.parse(value));
    end += found.length;
  }
  const rest = form.size === 0 ? /^\{\s*\}$/.test(object) : object.slice(end) === "}";
  if (!rest) {
    throw new OAuthError("invalid_request", "The members of a JSON body must be strings.");
  }
  return form;
}

function isObject(text: string): boolean {
  try {
    JSON.parse(text);
    return text.startsWith("{");
  } catch {
    return false;
  }
}

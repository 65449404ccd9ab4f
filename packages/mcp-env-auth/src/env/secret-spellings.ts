/** Shorter strings can't be told from ordinary text, so they are not looked for. */
export const SHORTEST_SECRET = 8;

/** The forms in which a secret gets into a line: as it is, escaped for a URL, a form or JSON, and encoded. */
export function spellSecret(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Through UTF-8 and back, since half a surrogate pair has no escape.
  const text = bytes.toString();
  const form = new URLSearchParams({ "": text }).toString().slice(1);
  return [
    secret,
    secret.trim(),
    encodeURIComponent(text),
    encodeURI(text),
    form,
    form.replaceAll("+", "%20"),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("hex"),
    ...[secret, form, encodeURIComponent(text)].flatMap((plain) => base64Cores(Buffer.from(plain))),
  ].filter((spelling) => spelling.length >= SHORTEST_SECRET);
}

/**
 * What base64 makes of the secret wherever it stands in what is encoded, as in HTTP Basic credentials: the characters
 * that no neighbour has a part in, for each of three alignments.
 */
function base64Cores(secret: Uint8Array): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), secret]);
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor((padded.length * 8) / 6);
    return [padded.toString("base64").slice(first, end), padded.toString("base64url").slice(first, end)];
  });
}

/**
 * The page with what stands between two of its lines replaced.
 *
 * @param {string} page
 * @param {{ start: string, end: string }} lines
 * @param {string} text
 */
export function replaceBetween(page, { start, end }, text) {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from === -1 || to < from) {
    throw new Error(`The page needs the lines ${start} and ${end}.`);
  }
  return `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`;
}

/** Numbers notes: the same text has the same number. */
export function createNotes() {
  /** @type {string[]} */
  const notes = [];
  return {
    /** @param {string} note */
    numberOf(note) {
      if (!notes.includes(note)) {
        notes.push(note);
      }
      return notes.indexOf(note) + 1;
    },
    list: () => notes.map((note, index) => `${index + 1}. ${note}`),
  };
}

/** Graphemes of a client's name that a page shows. */
const MAX_SHOWN = 60;

/** Quotation marks and their look-alikes, which could end a quotation of ours. */
const QUOTES = /["`´″‶〃＂‚„‟‹›«»“”「」『』〝〞〟﹁﹂﹃﹄❛❜❝❞]/u;

/** Apostrophes that are no part of a word. */
const LONE_APOSTROPHE = /(?<![\p{L}\p{N}])['’‘‛＇ʼ]|['’‘‛＇ʼ](?![\p{L}\p{N}])/gu;

/** What is there unseen, or changes the direction of other text. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Signs and emoji that could pass for a mark of approval. Those of ASCII and of currencies stay. */
const SIGN = /(?![\x20-\x7e])[\p{So}\p{Sm}\p{Sk}\p{Extended_Pictographic}\p{Regional_Indicator}]|\u20e3/u;

/** Words of ours that only we may say, in the languages of the pages, as {@link skeletonOf} writes them. */
const OUR_WORDS: readonly string[] = [
  ...["verified", "verifiziert", "verifie", "verificado", "verificada", "verifiee", "verificato"],
  ...["確認済み", "検証済み", "認証済み", "確認済", "検証済"],
];

/** Letters of other scripts, and digits, that pass for a letter of {@link OUR_WORDS}. */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    a: "аɑαᴀ4@",
    c: "сϲᴄ",
    d: "ԁɗᴅ",
    e: "еёєεҽᴇ3",
    f: "ғϝꜰƒ",
    i: "іıιɩɪΙӏ1l|!ⅰ",
    n: "пոɴη",
    o: "оοᴏ0",
    r: "гᴦʀɼ",
    t: "тτᴛ7",
    v: "ѵνᴠⅴ",
    z: "ᴢ2",
  }).flatMap(([letter, others]) => [...others].map((other) => [other, letter])),
);

/**
 * What a page shows of a client's name: at most 60 characters of it, on one line, and nothing that could pass for our
 * own words. `undefined` when nothing is left.
 */
export function displayName(name: string): string | undefined {
  const text = name
    .normalize("NFKC")
    .replace(/[\s\p{Z}]+/gu, " ")
    .replace(new RegExp(`${QUOTES.source}|${UNSEEN.source}|${SIGN.source}`, "gu"), "")
    .replace(LONE_APOSTROPHE, "");
  const clean = withoutOurWords(text)
    .replace(/\(\s*\)|\[\s*\]|\{\s*\}/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return /[\p{L}\p{N}]/u.test(clean) ? shortened(clean) : undefined;
}

function shortened(text: string): string {
  const graphemes = Array.from(new Intl.Segmenter("en").segment(text), ({ segment }) => segment);
  return graphemes.length <= MAX_SHOWN ? text : `${graphemes.slice(0, MAX_SHOWN - 1).join("")}…`;
}

/** Cuts our words out until none is left: what stands around one could be another. */
function withoutOurWords(text: string): string {
  let rest = text;
  for (let found = findOurWord(rest); found !== undefined; found = findOurWord(rest)) {
    rest = rest.slice(0, found.start) + rest.slice(found.end);
  }
  return rest;
}

function findOurWord(text: string): { readonly start: number; readonly end: number } | undefined {
  const letters = skeletonOf(text);
  const skeleton = letters.map(({ letter }) => letter).join("");
  for (const word of OUR_WORDS) {
    const at = skeleton.indexOf(word);
    const first = letters[at];
    const last = letters[at + word.length - 1];
    if (first !== undefined && last !== undefined) {
      return { start: first.start, end: last.end };
    }
  }
  return undefined;
}

interface SkeletonLetter {
  readonly letter: string;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

/** The letters of a text as they look: without marks, case, script, and what stands between them. */
function skeletonOf(text: string): readonly SkeletonLetter[] {
  let end = 0;
  return [...text].flatMap((character) => {
    const start = end;
    end += character.length;
    const plain = character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    return [...plain]
      .map((each) => LOOK_ALIKES[each] ?? each)
      .filter((each) => /[\p{L}\p{N}]/u.test(each))
      .map((letter) => ({ letter, start, end }));
  });
}

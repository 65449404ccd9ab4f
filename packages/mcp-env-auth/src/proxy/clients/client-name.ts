/** In UTF-16 code units. */
export const MAX_NAME_LENGTH = 200;

// Node 20 knows this flag; the compiler takes it in literals for ES2024 only.
const UNICODE_SETS = "v";

let emoji: RegExp | undefined;

/**
 * Matches emoji as Unicode recommends them (UTS #51), joined by invisible characters or not. It takes so long to make
 * that no start waits for it.
 */
function emojiPattern(): RegExp {
  emoji ??= new RegExp("\\p{RGI_Emoji}", `g${UNICODE_SETS}`);
  return emoji;
}

const JOINING_SCRIPT =
  "[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Mong}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Khmr}]";

/**
 * Joiners where they belong to the spelling (as in RFC 5892 appendix A.1 and A.2), and the variants of Han characters.
 */
const SPELLED = new RegExp(
  `(?<=${JOINING_SCRIPT})[\\u200c\\u200d](?=${JOINING_SCRIPT})|(?<=\\p{scx=Han})[\\u{e0100}-\\u{e01ef}]`,
  "gu",
);

/**
 * What shows nothing or changes how other text shows: controls, separators of lines, marks of direction, fillers, tags,
 * private use, and the Braille blank.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Marks without a letter before them, more than three of those that fit any letter, or more in a row than a script
 * needs (Tibetan and Burmese have six).
 */
const STRAY_MARKS = /(?:^|[\p{Z}\p{C}])\p{M}|(?:(?=\p{M})\p{sc=Inherited}){4}|\p{M}{7}/u;

/**
 * Whether a client's name can be shown to a user who is to decide by it: of bounded length, in any script and with
 * emoji, but without anything that is there unseen, runs over its line or covers its neighbours.
 */
export function isPresentable(name: string): boolean {
  if (name.length > MAX_NAME_LENGTH) {
    return false;
  }
  const text = name.replace(emojiPattern(), "★").replace(SPELLED, "");
  return VISIBLE.test(text) && !UNSEEN.test(text) && !STRAY_MARKS.test(text);
}

/** A run of what separates words and lines. */
const SEPARATORS = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** What {@link STRAY_MARKS} finds, one mark at a time: without a letter before it, or after as many as are allowed. */
const STRAY_MARK =
  /(?<=^|[\p{Z}\p{C}])\p{M}+|(?<=(?:(?=\p{M})\p{sc=Inherited}){3})(?=\p{M})\p{sc=Inherited}|(?<=\p{M}{6})\p{M}/gu;

/**
 * Takes what {@link isPresentable} refuses out of a client's name, with a space in the place of line breaks.
 * `undefined` when nothing is left that people can see.
 */
export function cleanName(name: string): string | undefined {
  const kept = [...name.matchAll(emojiPattern()), ...name.matchAll(SPELLED)].sort((a, b) => a.index - b.index);
  let clean = "";
  let end = 0;
  for (const { 0: text, index } of kept) {
    clean += withoutUnseen(name.slice(end, index)) + text;
    end = index + text.length;
  }
  clean = `${clean}${withoutUnseen(name.slice(end))}`.replace(STRAY_MARK, "").replace(SEPARATORS, " ").trim();
  return isPresentable(clean) ? clean : undefined;
}

function withoutUnseen(text: string): string {
  return text.replace(SEPARATORS, " ").replace(new RegExp(UNSEEN, "gu"), "");
}

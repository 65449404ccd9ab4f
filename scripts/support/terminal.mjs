import { styleText } from "node:util";

const colourful = process.stdout.isTTY === true && !process.env.NO_COLOR;

/**
 * Text for the terminal, plain where NO_COLOR is set or nobody looks.
 *
 * @param {Parameters<typeof styleText>[0]} style
 * @param {string} text
 */
export function paint(style, text) {
  return colourful ? styleText(style, text) : text;
}

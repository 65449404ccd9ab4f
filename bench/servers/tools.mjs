import * as z from "zod";

// What every measured server offers: so many tools that greet, all alike.

/** @type {readonly string[]} */
export const TOOL_NAMES = Array.from({ length: Number(process.env.TOOLS ?? 10) }, (_, index) => `greet_${index + 1}`);

export const DESCRIPTION = "Greets somebody by name.";

export const textSchema = () => z.object({ text: z.string().describe("Whom to greet") });

/** @param {{ text: string }} input */
export const greet = ({ text }) => `Hello, ${text}!`;

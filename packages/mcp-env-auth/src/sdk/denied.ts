import { ToolError } from "../errors.ts";

/**
 * The caller may not do what it asks for, and is told so: a tool's error, or an error of the protocol for what has no
 * results of that kind.
 */
export class Denied extends ToolError {}

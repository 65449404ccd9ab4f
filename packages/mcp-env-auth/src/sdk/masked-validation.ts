import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { Logger } from "../logger.ts";
import { maskError } from "./error-masking.ts";

/**
 * `schema`, whose own code (refinements, transforms) is masked when it throws: the SDK would send the message to the
 * client. Anything but a Standard Schema that makes its own JSON Schema is left as it is.
 *
 * @param what the beginning of a sentence about the schema.
 */
export function maskedValidation(schema: unknown, what: string, logger: Logger): unknown {
  const standard = (schema as Partial<StandardSchemaWithJSON> | undefined)?.["~standard"];
  // The SDK converts schemas of zod 4.0 and 4.1 itself, and knows them by more than this.
  if (typeof standard?.validate !== "function" || standard.jsonSchema === undefined) {
    return schema;
  }
  const mask = (thrown: unknown): never => {
    throw new Error(maskError(thrown, what, logger));
  };
  const validate = (value: unknown) => {
    try {
      const checked = standard.validate(value);
      return checked instanceof Promise ? checked.catch(mask) : checked;
    } catch (thrown) {
      return mask(thrown);
    }
  };
  return { "~standard": { ...standard, validate } };
}

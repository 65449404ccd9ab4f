/** A value as a `.env` spells it, so that it is read back as it is. `${` can't be kept from being replaced. */
export function quoteEnvValue(value: string): string {
  if (!/[\s#'"\\]/.test(value)) {
    return value;
  }
  return value.includes("'") ? `"${value.replace(/["\\]/g, "\\$&")}"` : `'${value.replaceAll("\\", "\\\\")}'`;
}

// A file of its own: three layers share it and nothing else.

/** Freezes `value` and all that hangs on it, in place. What is frozen already is left alone. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

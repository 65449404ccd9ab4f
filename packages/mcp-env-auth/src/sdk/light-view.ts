interface View<Whole> {
  /** A real one, made when somebody asks for it. */
  readonly whole: Whole;
}

/**
 * Makes `view`, a class of light objects, one of `platform` to all who look: what it does not define itself comes from
 * the whole one.
 */
export function standInFor<Whole extends object>(
  view: { readonly prototype: View<Whole> },
  platform: { readonly prototype: Whole },
): void {
  for (const name of Reflect.ownKeys(platform.prototype)) {
    if (Object.hasOwn(view.prototype, name)) {
      continue;
    }
    Object.defineProperty(view.prototype, name, {
      get(this: View<Whole>) {
        const value: unknown = Reflect.get(this.whole, name);
        return typeof value === "function" ? value.bind(this.whole) : value;
      },
    });
  }
  Object.setPrototypeOf(view.prototype, platform.prototype);
}

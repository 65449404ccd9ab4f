/** Loads on the first call and never again. Gives a promise until it is there, then the thing itself. */
export function loadOnce<T extends object>(load: () => Promise<T>): () => T | Promise<T> {
  let loaded: T | undefined;
  let loading: Promise<T> | undefined;
  return () => {
    if (loaded !== undefined) return loaded;
    loading ??= load().then((value) => {
      loaded = value;
      return value;
    });
    return loading;
  };
}

// A file of its own: the build puts it in the place of a package.

/** Stands in for `gitconfig` in the engine's bundle: a project is not told who its author is behind their back. */
const gitconfig = {
  get: async (): Promise<Record<string, never>> => ({}),
};

export default gitconfig;

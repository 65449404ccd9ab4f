/** Stands in for `gitconfig` in the engine's bundle: a project is not told who its author is behind their back. */
const gitconfig = {
  get: async (): Promise<Record<string, never>> => ({}),
};

export default gitconfig;

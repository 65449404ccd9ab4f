import type { Answers } from "./answers.ts";
import { isInsideWorkTree } from "./git.ts";
import { planMerge } from "./merge.ts";
import { type ProjectSource, projectFiles } from "./template.ts";

/** Says what would happen for these answers. */
export function describeDryRun(answers: Answers, source: ProjectSource): string {
  const { project, packageManager, install, git } = answers;
  const files = projectFiles(answers, source);
  const { replaced, kept } = planMerge(files, project.directory);
  const lines = [
    "Dry run: nothing is written. This would be done:",
    `Create ${project.packageName} in ${project.directory}`,
    ...files.map(
      (file) => `  ${file}${kept.includes(file) ? "  (kept as it is)" : replaced.includes(file) ? "  (replaced)" : ""}`,
    ),
    ...(install ? [`Install its dependencies with ${packageManager.name}`] : []),
    ...(git && !isInsideWorkTree(project.directory) ? ["Start a git repository"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

import path from "node:path";

/** Where a project can be deployed to, each a page of docs/deploy with files of its own. */
export const DEPLOYMENTS = [
  "docker",
  "kubernetes",
  "systemd-nginx",
  "systemd-caddy",
  "fly",
  "render",
  "cloud-run",
] as const;

export type Deployment = (typeof DEPLOYMENTS)[number];

export function isDeployment(name: string): name is Deployment {
  return (DEPLOYMENTS as readonly string[]).includes(name);
}

/** The folder with the files of a deployment, each at its path in the project. */
export function deploymentFolder(templateRoot: string, deployment: Deployment): string {
  return path.join(templateRoot, "deploy", deployment);
}

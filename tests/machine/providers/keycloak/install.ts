import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { installOnce, runTool } from "../support/programs.ts";

const POM = new URL("pom.xml", import.meta.url);
const SHA_256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f";

export interface InstalledKeycloak {
  readonly version: string;
  /** Its command. */
  readonly script: string;
  /** That of its administrators. */
  readonly kcadm: string;
}

/** Fetches the server distribution from Maven Central, unpacks and builds it, unless that was done before. */
export async function installKeycloak(): Promise<InstalledKeycloak> {
  const version =
    /<artifactId>keycloak-quarkus-dist<\/artifactId>\s*<version>([^<]+)</.exec(await readFile(POM, "utf8"))?.[1] ?? "";
  const home = (folder: string) => path.join(folder, `keycloak-${version}`);
  const script = (folder: string, name = "kc.sh") => path.join(home(folder), "bin", name);
  const folder = await installOnce("keycloak", [POM, new URL(import.meta.url)], async (into) => {
    const output = `-DoutputDirectory=${into}`;
    await runTool("mvn", ["-B", "-q", "-f", POM.pathname, "dependency:copy-dependencies", output], { cwd: into });
    const archive = path.join(into, `keycloak-quarkus-dist-${version}.zip`);
    const hash = createHash("sha256")
      .update(await readFile(archive))
      .digest("hex");
    if (hash !== SHA_256) {
      throw new Error(`Keycloak's distribution has the SHA-256 hash ${hash}, expected ${SHA_256}`);
    }
    await runTool("jar", ["xf", archive], { cwd: into });
    await rm(archive);
    await runTool("bash", [script(into), "build", "--db=dev-mem", "--cache=local"], { cwd: into });
  });
  return { version, script: script(folder), kcadm: script(folder, "kcadm.sh") };
}

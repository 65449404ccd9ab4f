import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildFolder, clientFolder, install } from "./support/journey.ts";
import { testClient } from "./support/suite.ts";

const NAME = "spring-security";

testClient(new URL(`${NAME}/cells.json`, import.meta.url), async () => {
  const folder = await buildFolder(NAME);
  const goals = ["compiler:compile", "dependency:copy-dependencies"];
  await install("mvn", ["-B", "-q", `-Dbuild.folder=${folder}`, ...goals], { cwd: clientFolder(NAME) });
  const classPath = [join(folder, "classes"), join(folder, "lib", "*")].join(":");
  const pins = await readFile(join(clientFolder(NAME), "pom.xml"), "utf8");
  const versionOf = (artifact: string) => pins.split(`<artifactId>${artifact}</artifactId>`)[1]?.match(/[\d.]+/)?.[0];
  return {
    program: "java",
    args: ["-cp", classPath, "Journey"],
    version: `${versionOf("mcp")}, with Spring Security ${versionOf("spring-security-bom")}`,
  };
});

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

/** An npm registry on this machine that has our packages, and sends on to the usual one for all others. */
export interface LocalRegistry {
  readonly url: string;
  close(): Promise<void>;
}

interface Packed {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly tarball: Buffer;
}

/** Packs the packages in these folders and serves them as their only, latest version. */
export async function startLocalRegistry(folders: readonly string[], workFolder: string): Promise<LocalRegistry> {
  const upstream = execFileSync("npm", ["config", "get", "registry"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  })
    .trim()
    .replace(/\/$/, "");
  const packages = new Map(
    folders.map((folder) => pack(folder, workFolder)).map((packed) => [packed.manifest.name, packed]),
  );
  const server = createServer((request, response) => {
    const address = request.url ?? "/";
    const tarball = packages.get(/^\/-\/local\/(.+)\.tgz$/.exec(address)?.[1] ?? "");
    const metadata = packages.get(address.slice(1));
    if (tarball !== undefined) {
      response.end(tarball.tarball);
    } else if (metadata !== undefined) {
      sendJson(response, packument(metadata, `http://${request.headers.host}`));
    } else {
      response.writeHead(307, { location: `${upstream}${address}` }).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function pack(folder: string, workFolder: string): Packed {
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", workFolder], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as [{ filename: string }];
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Packed["manifest"];
  return { manifest, tarball: readFileSync(path.join(workFolder, filename)) };
}

function packument({ manifest, tarball }: Packed, origin: string) {
  const { name, version } = manifest;
  const dist = {
    tarball: `${origin}/-/local/${name}.tgz`,
    shasum: createHash("sha1").update(tarball).digest("hex"),
    integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
  };
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}

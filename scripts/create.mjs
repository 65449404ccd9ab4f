// npm run create -- FOLDER: what `npm create mcp-auth0-server FOLDER` does, with the packages of this checkout.
import { setup } from "./support/setup.mjs";

setup();
const { createFromCheckout } = await import("./create/from-checkout.mjs");
process.exitCode = createFromCheckout(process.argv.slice(2));

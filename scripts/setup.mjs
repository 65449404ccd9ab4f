// npm run build: installs what is missing and builds every package.
import { setup } from "./support/setup.mjs";

setup();

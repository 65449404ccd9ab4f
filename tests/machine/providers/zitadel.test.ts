import { testProvider } from "./support/suite.ts";
import { startZitadel } from "./zitadel/start.ts";

testProvider(new URL("zitadel/cells.json", import.meta.url), startZitadel);

import { startHydra } from "./hydra/start.ts";
import { testProvider } from "./support/suite.ts";

testProvider(new URL("hydra/cells.json", import.meta.url), startHydra);

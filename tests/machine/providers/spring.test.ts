import { startSpring } from "./spring/start.ts";
import { testProvider } from "./support/suite.ts";

testProvider(new URL("spring/cells.json", import.meta.url), startSpring);

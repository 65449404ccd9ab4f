import { startKeycloak } from "./keycloak/start.ts";
import { testProvider } from "./support/suite.ts";

testProvider(new URL("keycloak/cells.json", import.meta.url), startKeycloak);

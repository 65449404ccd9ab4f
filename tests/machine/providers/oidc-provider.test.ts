import { startOidcProvider } from "./oidc-provider/start.ts";
import { testProvider } from "./support/suite.ts";

testProvider(new URL("oidc-provider/cells.json", import.meta.url), startOidcProvider);

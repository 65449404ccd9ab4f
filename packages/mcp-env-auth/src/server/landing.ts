import type { IncomingMessage } from "node:http";
import type { EndpointResponse } from "../endpoint.ts";
import type { PeoplesPage } from "../http/peoples-page.ts";
import type { SiteDetails } from "../pages/site.ts";

/** Characters. Anybody can ask for the page as often as for a challenge, so it has no large icon. */
const MAX_ICON_LENGTH = 8192;

/**
 * The page for people at the MCP endpoint. It is rendered once for each language, from the address alone and nothing of
 * the request, and loaded when the first browser asks for it.
 *
 * @param address the public URL of the MCP endpoint
 */
export function createLanding(serverName: string, details: SiteDetails, address: string): PeoplesPage {
  const { icon, ...rest } = details;
  const site = { ...rest, name: serverName, ...(icon && icon.length <= MAX_ICON_LENGTH && { icon }) };
  const rendered = new Map<string, EndpointResponse>();
  return async ({ headers }: IncomingMessage) => {
    const { chooseLanguage } = await import("../pages/page-frame.ts");
    const texts = chooseLanguage({ headers: { "accept-language": [headers["accept-language"] ?? ""] } });
    const known = rendered.get(texts.language);
    if (known !== undefined) {
      return known;
    }
    const { landingPage } = await import("../pages/landing-page.ts");
    const { pageResponse } = await import("../pages/page.ts");
    const frame = { site, texts };
    const page = pageResponse(401, landingPage(address, frame), frame);
    rendered.set(texts.language, page);
    return page;
  };
}

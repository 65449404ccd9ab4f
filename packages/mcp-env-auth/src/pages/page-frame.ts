import type { EndpointRequest } from "../endpoint.ts";
import { de } from "./languages/de.ts";
import { en, type Texts } from "./languages/en.ts";
import { es } from "./languages/es.ts";
import { fr } from "./languages/fr.ts";
import { ja } from "./languages/ja.ts";
import type { Site } from "./site.ts";

/** Those that there are. */
export const LANGUAGES: readonly Texts[] = [en, de, fr, es, ja];

/** Whose page it is, and in which language. */
export interface PageFrame {
  readonly site: Site;
  readonly texts: Texts;
}

/** The frame of a page that answers `request`. @param uiLocales as the client sent them, where they are known */
export function frameFor(
  site: Site,
  request: Pick<EndpointRequest, "headers" | "query">,
  uiLocales = request.query.get("ui_locales") ?? "",
): PageFrame {
  return { site, texts: chooseLanguage(request, uiLocales) };
}

/**
 * The texts for who reads the page: by the `ui_locales` of the client (OpenID Connect Core 1.0 section 3.1.2.1), else
 * by `Accept-Language` (RFC 9110 section 12.5.4), else English.
 */
export function chooseLanguage(request: Pick<EndpointRequest, "headers">, uiLocales = ""): Texts {
  const accepted = (request.headers["accept-language"] ?? []).join(",");
  return (
    [...uiLocales.split(" "), ...byPreference(accepted)].map(languageOf).find((texts) => texts !== undefined) ?? en
  );
}

function languageOf(tag: string): Texts | undefined {
  const [primary] = tag.toLowerCase().split("-");
  return LANGUAGES.find(({ language }) => language === primary);
}

/** Longer ones are nobody's. */
const MAX_LENGTH = 500;

function byPreference(accepted: string): readonly string[] {
  return accepted
    .slice(0, MAX_LENGTH)
    .split(",")
    .map((item) => {
      const [tag = "", ...parameters] = item.split(";").map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return { tag, weight: weight === undefined ? 1 : Number(weight) || 0 };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

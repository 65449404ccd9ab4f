/** Links of the operator, in the footer of every page. */
export interface OperatorLinks {
  readonly help?: URL | undefined;
  readonly privacy?: URL | undefined;
  readonly terms?: URL | undefined;
}

/** How the pages that people see present the server, in addition to its name. */
export interface SiteDetails {
  /** A `data:` URL of an image. */
  readonly icon?: string | undefined;
  /** Who runs the server, for people. */
  readonly operator?: string | undefined;
  readonly links?: OperatorLinks | undefined;
  /** What scopes allow, each as a sentence without a period, such as "Read the weather". */
  readonly scopeDescriptions?: Readonly<Record<string, string>> | undefined;
  /** Whether the MCP endpoint shows people how to connect. */
  readonly hasGuide?: boolean | undefined;
}

export interface Site extends SiteDetails {
  /** The server's title, or its name. */
  readonly name: string;
  /** The address of the page that says how to connect, where there is one. */
  readonly guide?: string | undefined;
}

const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i;

/** Characters. Every page carries the icon. */
const MAX_ICON_LENGTH = 100_000;

/** The first icon that a page can show: pages load nothing from elsewhere. */
export function pageIcon(icons: readonly { readonly src: string }[] = []): string | undefined {
  return icons.find(({ src }) => DATA_IMAGE.test(src) && src.length <= MAX_ICON_LENGTH)?.src;
}

/** The settings of what people see of a server. */
export interface SiteSettings {
  readonly operatorName?: string | undefined;
  readonly helpUrl?: URL | undefined;
  readonly privacyUrl?: URL | undefined;
  readonly termsUrl?: URL | undefined;
  readonly scopeDescriptions: Readonly<Record<string, string>>;
  readonly landingPage: boolean;
}

/** What the code says of its server. */
export interface DeclaredSite {
  /** Pages show the first that they need not load. */
  readonly icons?: readonly { readonly src: string }[] | undefined;
  readonly scopes?: { readonly descriptions: ReadonlyMap<string, string> } | undefined;
}

/** How pages present the server: by its code, and by the operator's settings, which win. */
export function siteDetails(settings: SiteSettings, { icons, scopes }: DeclaredSite = {}): SiteDetails {
  return {
    icon: pageIcon(icons),
    operator: settings.operatorName,
    hasGuide: settings.landingPage,
    links: { help: settings.helpUrl, privacy: settings.privacyUrl, terms: settings.termsUrl },
    scopeDescriptions: { ...Object.fromEntries(scopes?.descriptions ?? []), ...settings.scopeDescriptions },
  };
}

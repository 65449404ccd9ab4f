/**
 * Every text of the pages, in English. `{names}` are filled in by the page. Consent is security text: each sentence
 * says one thing, so that it can be translated without doubt.
 */
export const en = {
  language: "en",
  direction: "ltr",

  allowTitle: "Allow access to {server}?",
  headline: "{client} wants to access {server}",
  unnamedClient: "An application",
  verifiedDomain: "{host} (verified) calls itself {client}.",
  verifiedUnnamed: "{host} (verified) asks for this.",
  unverifiedWeb: "You'll be sent back to {host}. Nobody has verified the application's name.",
  loopback: "This is a program on this computer. Continue only if you started this on this computer.",
  loopbackPort: "This is a program on this computer (port {port}). Continue only if you started this on this computer.",
  privateScheme:
    "This is an app that opens {scheme} links. Continue only if you started this in an app that you trust.",
  answerAgain: "Please answer again. Your browser did not confirm that it showed you this page.",
  answerAgainHelp: "If you see this again, allow cookies for this site, or open {link} in your usual browser.",
  thisAddress: "this address",

  permissions: "If you allow it, it can:",
  noPermissions: "It asks for no particular permission.",
  alwaysNeeded: "always needed",
  writes: "can change data",
  deletes: "can delete data",
  scopeOpenid: "Know who you are",
  scopeProfile: "See your name and picture",
  scopeEmail: "See your email address",
  scopeAddress: "See your postal address",
  scopePhone: "See your phone number",
  scopeOfflineAccess: "Stay connected while you are away",

  signIn: "If you choose Allow, you'll sign in at {provider}. Only that site sees your password.",
  anotherAccount: "Use another account",
  deny: "Deny",
  allow: "Allow",
  lasts: "Access ends {duration} after you sign in, at the latest.",
  endEarlier: "To end it earlier, disconnect this server in the application.",
  details: "Details",
  redirectUri: "You'll be sent back to",
  describedAt: "The application's description comes from",
  resource: "Address of this server",

  connectedTitle: "You're connected",
  connectedText: "You signed in to {server}. Return to the application.",
  deniedTitle: "You denied access",
  deniedText: "The application gets no access to {server}.",
  failedTitle: "You're not connected",
  failedText: "Signing in to {server} failed. The application says why.",
  returnToApplication: "Return to the application",
  opensLinks: "This opens the app for {scheme} links. You can then close this page.",
  answerExpiredTitle: "Nothing to answer here",
  answerExpiredText:
    "This address belongs to a question that was answered or has expired. Start again in the application.",
  expiredTitle: "Login expired",
  expiredText: "Signing in to {server} took too long. Start again in the application.",
  unregisteredTitle: "Application not registered",
  unregisteredText: "{server} doesn't know this application. Remove the server in the application, then add it again.",
  blockedTitle: "Application blocked",
  blockedText: "The operator of {server} has blocked this application. No data was shared.",
  notAllowedTitle: "Application not allowed",
  notAllowedText: "{server} no longer allows this application or its address. No data was shared.",
  badAddressTitle: "This address can't be used",
  badAddressText:
    "The application wants to send you to an address that {server} does not accept. No data was shared. Remove the server in the application, then add it again.",
  badRequestTitle: "This request can't be used",
  badRequestText:
    "The application sent a request that {server} can't use. No data was shared. Start again in the application.",
  pageExpiredTitle: "Page expired",
  pageExpiredText: "You can no longer answer this page. Open the question again, or start again in the application.",
  otherBrowserTitle: "Not the browser that this login began in",
  otherBrowserText:
    "This login began in another browser, or it is already finished. No data was shared. If somebody sent you this link, close this page. Otherwise start again in the application, and sign in in the browser that it opens, with cookies allowed.",
  loginUsedTitle: "Login already finished",
  loginUsedText:
    "This login was used before. If the application is not connected, start again there. Otherwise close this page.",
  providerFailedTitle: "This login can't be finished",
  providerFailedText:
    "The site that you signed in at sent an answer that {server} can't use. No data was shared. Start again in the application. If this happens again, tell the operator of {server}.",
  tooManyTitle: "Too many requests",
  tooManyText: "Too many requests came from your network. Wait a minute, then try again.",
  unavailableTitle: "Not available right now",
  unavailableText: "{server} can't sign you in right now. Wait a moment, then try again.",
  mistakeText:
    "An application sent you here with a request that has a mistake. No data was shared. Return only if you have just used the application and trust it.",
  mistakeLeads: "The link leads to {host}. Nobody has checked whose address this is.",
  mistakeOpens: "The link opens an app for {scheme} links. Nobody has checked whose app this is.",
  wentWrongTitle: "Something went wrong",
  wentWrongText: "{server} failed to answer. Try again. If this happens again, tell the operator of {server}.",

  tryAgain: "Try again",
  openAgain: "Open the question again",
  howToConnect: "How to connect",
  getHelp: "Get help",
  forDevelopers: "Details for developers",
  reference: "Reference for the operator: {reference}",

  landingTitle: "Connect to {server}",
  landingWhat:
    "This is the address of an MCP server. An AI application that you add it to can work with {server} for you.",
  landingAddress: "Address to copy",
  landingAsks:
    "When you add it, you sign in and choose what the application may do. To stop it later, remove the server in the application.",
  landingClaude: "Open Customize, then Connectors. Add a custom connector and paste the address.",
  landingChatGpt:
    "Open Settings, then Apps & Connectors. Turn on developer mode in the advanced settings. Create a connector and paste the address.",
  landingTerminal: "Run this in a terminal:",
  landingFile: "Add this to {file} in your home folder:",

  operatedBy: "Operated by {operator}",
  help: "Help",
  privacy: "Privacy",
  terms: "Terms",
};

/** The texts of one language. */
export type Texts = Readonly<Record<keyof typeof en, string>>;

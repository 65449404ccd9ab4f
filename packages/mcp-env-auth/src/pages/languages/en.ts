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

  operatedBy: "Operated by {operator}",
  help: "Help",
  privacy: "Privacy",
  terms: "Terms",
};

/** The texts of one language. */
export type Texts = Readonly<Record<keyof typeof en, string>>;

import type { Texts } from "./en.ts";

/** German. */
export const de: Texts = {
  language: "de",
  direction: "ltr",

  allowTitle: "Zugriff auf {server} erlauben?",
  headline: "{client} möchte auf {server} zugreifen",
  unnamedClient: "Eine Anwendung",
  verifiedDomain: "{host} (verifiziert) nennt sich {client}.",
  verifiedUnnamed: "{host} (verifiziert) fragt danach.",
  unverifiedWeb: "Sie werden zu {host} zurückgeleitet. Niemand hat den Namen der Anwendung geprüft.",
  loopback:
    "Das ist ein Programm auf diesem Computer. Fahren Sie nur fort, wenn Sie dies auf diesem Computer gestartet haben.",
  loopbackPort:
    "Das ist ein Programm auf diesem Computer (Port {port}). Fahren Sie nur fort, wenn Sie dies auf diesem Computer gestartet haben.",
  privateScheme:
    "Das ist eine App, die Links mit {scheme} öffnet. Fahren Sie nur fort, wenn Sie dies in einer App gestartet haben, der Sie vertrauen.",
  answerAgain:
    "Bitte antworten Sie noch einmal. Ihr Browser hat nicht bestätigt, dass er Ihnen diese Seite gezeigt hat.",
  answerAgainHelp:
    "Wenn Sie das wieder sehen, erlauben Sie Cookies für diese Website, oder öffnen Sie {link} in Ihrem üblichen Browser.",
  thisAddress: "diese Adresse",

  permissions: "Wenn Sie es erlauben, kann sie:",
  noPermissions: "Sie bittet um keine bestimmte Berechtigung.",
  alwaysNeeded: "immer nötig",
  writes: "kann Daten ändern",
  deletes: "kann Daten löschen",
  scopeOpenid: "Wissen, wer Sie sind",
  scopeProfile: "Ihren Namen und Ihr Bild sehen",
  scopeEmail: "Ihre E-Mail-Adresse sehen",
  scopeAddress: "Ihre Postanschrift sehen",
  scopePhone: "Ihre Telefonnummer sehen",
  scopeOfflineAccess: "Verbunden bleiben, während Sie nicht da sind",

  signIn: "Wenn Sie „Erlauben“ wählen, melden Sie sich bei {provider} an. Nur diese Website sieht Ihr Passwort.",
  anotherAccount: "Ein anderes Konto verwenden",
  deny: "Ablehnen",
  allow: "Erlauben",
  lasts: "Der Zugriff endet spätestens {duration} nach der Anmeldung.",
  endEarlier: "Um ihn früher zu beenden, trennen Sie diesen Server in der Anwendung.",
  details: "Einzelheiten",
  redirectUri: "Sie werden zurückgeleitet zu",
  describedAt: "Die Beschreibung der Anwendung kommt von",
  resource: "Adresse dieses Servers",

  connectedTitle: "Sie sind verbunden",
  connectedText: "Sie haben sich bei {server} angemeldet. Kehren Sie zur Anwendung zurück.",
  deniedTitle: "Sie haben den Zugriff abgelehnt",
  deniedText: "Die Anwendung erhält keinen Zugriff auf {server}.",
  failedTitle: "Sie sind nicht verbunden",
  failedText: "Die Anmeldung bei {server} ist fehlgeschlagen. Die Anwendung sagt, warum.",
  returnToApplication: "Zurück zur Anwendung",
  opensLinks: "Das öffnet die App für Links mit {scheme}. Danach können Sie diese Seite schließen.",
  answerExpiredTitle: "Hier gibt es nichts zu beantworten",
  answerExpiredText:
    "Diese Adresse gehört zu einer Frage, die beantwortet oder abgelaufen ist. Beginnen Sie in der Anwendung noch einmal.",

  operatedBy: "Betrieben von {operator}",
  help: "Hilfe",
  privacy: "Datenschutz",
  terms: "Nutzungsbedingungen",
};

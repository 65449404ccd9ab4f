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
  expiredTitle: "Anmeldung abgelaufen",
  expiredText: "Die Anmeldung bei {server} hat zu lange gedauert. Beginnen Sie in der Anwendung noch einmal.",
  unregisteredTitle: "Anwendung nicht registriert",
  unregisteredText:
    "{server} kennt diese Anwendung nicht. Entfernen Sie den Server in der Anwendung und fügen Sie ihn neu hinzu.",
  blockedTitle: "Anwendung gesperrt",
  blockedText: "Der Betreiber von {server} hat diese Anwendung gesperrt. Es wurden keine Daten weitergegeben.",
  notAllowedTitle: "Anwendung nicht erlaubt",
  notAllowedText: "{server} erlaubt diese Anwendung oder ihre Adresse nicht mehr. Es wurden keine Daten weitergegeben.",
  badAddressTitle: "Diese Adresse ist nicht erlaubt",
  badAddressText:
    "Die Anwendung will Sie zu einer Adresse leiten, die {server} nicht annimmt. Es wurden keine Daten weitergegeben. Entfernen Sie den Server in der Anwendung und fügen Sie ihn neu hinzu.",
  badRequestTitle: "Diese Anfrage ist ungültig",
  badRequestText:
    "Die Anwendung hat eine Anfrage geschickt, die {server} nicht verwenden kann. Es wurden keine Daten weitergegeben. Beginnen Sie in der Anwendung noch einmal.",
  pageExpiredTitle: "Seite abgelaufen",
  pageExpiredText:
    "Sie können diese Seite nicht mehr beantworten. Öffnen Sie die Frage noch einmal, oder beginnen Sie in der Anwendung neu.",
  otherBrowserTitle: "Nicht der Browser, in dem diese Anmeldung begann",
  otherBrowserText:
    "Diese Anmeldung begann in einem anderen Browser, oder sie ist schon beendet. Es wurden keine Daten weitergegeben. Wenn Ihnen jemand diesen Link geschickt hat, schließen Sie diese Seite. Sonst beginnen Sie in der Anwendung noch einmal. Melden Sie sich in dem Browser an, den sie öffnet, und erlauben Sie dort Cookies.",
  loginUsedTitle: "Anmeldung schon beendet",
  loginUsedText:
    "Diese Anmeldung wurde schon verwendet. Wenn die Anwendung nicht verbunden ist, beginnen Sie dort noch einmal. Sonst schließen Sie diese Seite.",
  providerFailedTitle: "Diese Anmeldung kann nicht beendet werden",
  providerFailedText:
    "Die Website, bei der Sie sich angemeldet haben, hat eine Antwort geschickt, die {server} nicht verwenden kann. Es wurden keine Daten weitergegeben. Beginnen Sie in der Anwendung noch einmal. Wenn das wieder geschieht, sagen Sie es dem Betreiber von {server}.",
  tooManyTitle: "Zu viele Anfragen",
  tooManyText: "Aus Ihrem Netz kamen zu viele Anfragen. Warten Sie eine Minute und versuchen Sie es dann noch einmal.",
  unavailableTitle: "Zurzeit nicht verfügbar",
  unavailableText:
    "{server} kann Sie zurzeit nicht anmelden. Warten Sie einen Moment und versuchen Sie es dann noch einmal.",
  mistakeText:
    "Eine Anwendung hat Sie mit einer fehlerhaften Anfrage hierher geleitet. Es wurden keine Daten weitergegeben. Kehren Sie nur zurück, wenn Sie die Anwendung gerade benutzt haben und ihr vertrauen.",
  mistakeLeads: "Der Link führt zu {host}. Niemand hat geprüft, wem diese Adresse gehört.",
  mistakeOpens: "Der Link öffnet eine App für Links mit {scheme}. Niemand hat geprüft, wem diese App gehört.",
  wentWrongTitle: "Etwas ist schiefgegangen",
  wentWrongText:
    "{server} konnte nicht antworten. Versuchen Sie es noch einmal. Wenn das wieder geschieht, sagen Sie es dem Betreiber von {server}.",

  tryAgain: "Noch einmal versuchen",
  openAgain: "Frage noch einmal öffnen",
  howToConnect: "So verbinden Sie sich",
  getHelp: "Hilfe erhalten",
  forDevelopers: "Einzelheiten für Entwickler",
  reference: "Kennung für den Betreiber: {reference}",

  landingTitle: "Mit {server} verbinden",
  landingWhat:
    "Dies ist die Adresse eines MCP-Servers. Eine KI-Anwendung, der Sie sie hinzufügen, kann für Sie mit {server} arbeiten.",
  landingAddress: "Adresse zum Kopieren",
  landingAsks:
    "Beim Hinzufügen melden Sie sich an und wählen, was die Anwendung darf. Um das später zu beenden, entfernen Sie den Server in der Anwendung.",
  landingClaude:
    "Öffnen Sie „Anpassen“, dann „Konnektoren“. Fügen Sie einen eigenen Konnektor hinzu und setzen Sie die Adresse ein.",
  landingChatGpt:
    "Öffnen Sie die Einstellungen, dann „Apps & Konnektoren“. Schalten Sie in den erweiterten Einstellungen den Entwicklermodus ein. Erstellen Sie einen Konnektor und setzen Sie die Adresse ein.",
  landingTerminal: "Führen Sie dies in einem Terminal aus:",
  landingFile: "Fügen Sie dies in {file} in Ihrem Benutzerordner ein:",

  operatedBy: "Betrieben von {operator}",
  help: "Hilfe",
  privacy: "Datenschutz",
  terms: "Nutzungsbedingungen",
};

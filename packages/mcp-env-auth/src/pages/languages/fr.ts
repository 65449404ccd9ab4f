import type { Texts } from "./en.ts";

/** French. */
export const fr: Texts = {
  language: "fr",
  direction: "ltr",

  allowTitle: "Autoriser l’accès à {server} ?",
  headline: "{client} veut accéder à {server}",
  unnamedClient: "Une application",
  verifiedDomain: "{host} (vérifié) se présente comme {client}.",
  verifiedUnnamed: "{host} (vérifié) demande cet accès.",
  unverifiedWeb: "Vous serez renvoyé vers {host}. Personne n’a vérifié le nom de l’application.",
  loopback: "C’est un programme sur cet ordinateur. Continuez seulement si vous l’avez lancé sur cet ordinateur.",
  loopbackPort:
    "C’est un programme sur cet ordinateur (port {port}). Continuez seulement si vous l’avez lancé sur cet ordinateur.",
  privateScheme:
    "C’est une application qui ouvre les liens {scheme}. Continuez seulement si vous avez commencé dans une application de confiance.",
  answerAgain: "Veuillez répondre encore une fois. Votre navigateur n’a pas confirmé qu’il vous a montré cette page.",
  answerAgainHelp:
    "Si cela se répète, autorisez les cookies pour ce site, ou ouvrez {link} dans votre navigateur habituel.",
  thisAddress: "cette adresse",

  permissions: "Si vous l’autorisez, elle peut :",
  noPermissions: "Elle ne demande aucune autorisation particulière.",
  alwaysNeeded: "toujours nécessaire",
  writes: "peut modifier des données",
  deletes: "peut supprimer des données",
  scopeOpenid: "Savoir qui vous êtes",
  scopeProfile: "Voir votre nom et votre photo",
  scopeEmail: "Voir votre adresse e-mail",
  scopeAddress: "Voir votre adresse postale",
  scopePhone: "Voir votre numéro de téléphone",
  scopeOfflineAccess: "Rester connectée pendant votre absence",

  signIn:
    "Si vous choisissez « Autoriser », vous vous connecterez sur {provider}. Seul ce site voit votre mot de passe.",
  anotherAccount: "Utiliser un autre compte",
  deny: "Refuser",
  allow: "Autoriser",
  lasts: "L’accès prend fin au plus tard {duration} après votre connexion.",
  endEarlier: "Pour y mettre fin plus tôt, déconnectez ce serveur dans l’application.",
  details: "Détails",
  redirectUri: "Vous serez renvoyé vers",
  describedAt: "La description de l’application vient de",
  resource: "Adresse de ce serveur",

  connectedTitle: "Vous êtes connecté",
  connectedText: "Vous vous êtes connecté à {server}. Retournez à l’application.",
  deniedTitle: "Vous avez refusé l’accès",
  deniedText: "L’application n’a aucun accès à {server}.",
  failedTitle: "Vous n’êtes pas connecté",
  failedText: "La connexion à {server} a échoué. L’application indique pourquoi.",
  returnToApplication: "Retourner à l’application",
  opensLinks: "Cela ouvre l’application pour les liens {scheme}. Vous pouvez ensuite fermer cette page.",
  answerExpiredTitle: "Rien à répondre ici",
  answerExpiredText:
    "Cette adresse appartient à une question qui a reçu une réponse ou a expiré. Recommencez dans l’application.",

  operatedBy: "Exploité par {operator}",
  help: "Aide",
  privacy: "Confidentialité",
  terms: "Conditions d’utilisation",
};

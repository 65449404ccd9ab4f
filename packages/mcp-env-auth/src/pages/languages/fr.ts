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
  expiredTitle: "Connexion expirée",
  expiredText: "La connexion à {server} a pris trop de temps. Recommencez dans l’application.",
  unregisteredTitle: "Application non enregistrée",
  unregisteredText:
    "{server} ne connaît pas cette application. Supprimez le serveur dans l’application, puis ajoutez-le de nouveau.",
  blockedTitle: "Application bloquée",
  blockedText: "L’exploitant de {server} a bloqué cette application. Aucune donnée n’a été partagée.",
  notAllowedTitle: "Application non autorisée",
  notAllowedText: "{server} n’autorise plus cette application ou son adresse. Aucune donnée n’a été partagée.",
  badAddressTitle: "Cette adresse ne peut pas être utilisée",
  badAddressText:
    "L’application veut vous envoyer à une adresse que {server} n’accepte pas. Aucune donnée n’a été partagée. Supprimez le serveur dans l’application, puis ajoutez-le de nouveau.",
  badRequestTitle: "Cette demande ne peut pas être utilisée",
  badRequestText:
    "L’application a envoyé une demande que {server} ne peut pas utiliser. Aucune donnée n’a été partagée. Recommencez dans l’application.",
  pageExpiredTitle: "Page expirée",
  pageExpiredText:
    "Vous ne pouvez plus répondre à cette page. Ouvrez de nouveau la question, ou recommencez dans l’application.",
  otherBrowserTitle: "Cette connexion a commencé dans un autre navigateur",
  otherBrowserText:
    "Cette connexion a commencé dans un autre navigateur, ou elle est déjà terminée. Aucune donnée n’a été partagée. Si quelqu’un vous a envoyé ce lien, fermez cette page. Sinon, recommencez dans l’application. Connectez-vous dans le navigateur qu’elle ouvre, et autorisez-y les cookies.",
  loginUsedTitle: "Connexion déjà terminée",
  loginUsedText:
    "Cette connexion a déjà été utilisée. Si l’application n’est pas connectée, recommencez dans l’application. Sinon, fermez cette page.",
  providerFailedTitle: "Cette connexion ne peut pas être terminée",
  providerFailedText:
    "Le site où vous vous êtes connecté a envoyé une réponse que {server} ne peut pas utiliser. Aucune donnée n’a été partagée. Recommencez dans l’application. Si cela se reproduit, prévenez l’exploitant de {server}.",
  tooManyTitle: "Trop de demandes",
  tooManyText: "Trop de demandes sont venues de votre réseau. Attendez une minute, puis réessayez.",
  unavailableTitle: "Indisponible pour le moment",
  unavailableText: "{server} ne peut pas vous connecter pour le moment. Attendez un instant, puis réessayez.",
  mistakeText:
    "Une application vous a envoyé ici avec une demande qui contient une erreur. Aucune donnée n’a été partagée. Retournez-y seulement si vous venez d’utiliser l’application et lui faites confiance.",
  mistakeLeads: "Le lien mène à {host}. Personne n’a vérifié à qui appartient cette adresse.",
  mistakeOpens:
    "Le lien ouvre une application pour les liens {scheme}. Personne n’a vérifié à qui appartient cette application.",
  wentWrongTitle: "Une erreur s’est produite",
  wentWrongText: "{server} n’a pas pu répondre. Réessayez. Si cela se reproduit, prévenez l’exploitant de {server}.",

  tryAgain: "Réessayer",
  openAgain: "Rouvrir la question",
  howToConnect: "Comment se connecter",
  getHelp: "Obtenir de l’aide",
  forDevelopers: "Détails pour les développeurs",
  reference: "Référence pour l’exploitant : {reference}",

  landingTitle: "Se connecter à {server}",
  landingWhat:
    "Voici l’adresse d’un serveur MCP. Une application d’IA à laquelle vous l’ajoutez peut travailler avec {server} pour vous.",
  landingAddress: "Adresse à copier",
  landingAsks:
    "Quand vous l’ajoutez, vous vous connectez et choisissez ce que l’application peut faire. Pour y mettre fin plus tard, supprimez le serveur dans l’application.",
  landingClaude:
    "Ouvrez « Personnaliser », puis « Connecteurs ». Ajoutez un connecteur personnalisé et collez l’adresse.",
  landingChatGpt:
    "Ouvrez les paramètres, puis « Applications et connecteurs ». Activez le mode développeur dans les paramètres avancés. Créez un connecteur et collez l’adresse.",
  landingTerminal: "Exécutez ceci dans un terminal :",
  landingFile: "Ajoutez ceci à {file} dans votre dossier personnel :",

  operatedBy: "Exploité par {operator}",
  help: "Aide",
  privacy: "Confidentialité",
  terms: "Conditions d’utilisation",
};

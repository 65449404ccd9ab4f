import type { Texts } from "./en.ts";

/** Spanish. */
export const es: Texts = {
  language: "es",
  direction: "ltr",

  allowTitle: "¿Permitir el acceso a {server}?",
  headline: "{client} quiere acceder a {server}",
  unnamedClient: "Una aplicación",
  verifiedDomain: "{host} (verificado) se presenta como {client}.",
  verifiedUnnamed: "{host} (verificado) pide este acceso.",
  unverifiedWeb: "Volverá a {host}. Nadie ha verificado el nombre de la aplicación.",
  loopback: "Es un programa de este ordenador. Continúe solo si lo ha iniciado en este ordenador.",
  loopbackPort: "Es un programa de este ordenador (puerto {port}). Continúe solo si lo ha iniciado en este ordenador.",
  privateScheme:
    "Es una aplicación que abre enlaces {scheme}. Continúe solo si ha empezado en una aplicación de confianza.",
  answerAgain: "Responda otra vez. Su navegador no ha confirmado que le haya mostrado esta página.",
  answerAgainHelp: "Si vuelve a verlo, permita las cookies de este sitio o abra {link} en su navegador habitual.",
  thisAddress: "esta dirección",

  permissions: "Si lo permite, podrá:",
  noPermissions: "No pide ningún permiso en particular.",
  alwaysNeeded: "siempre necesario",
  writes: "puede cambiar datos",
  deletes: "puede eliminar datos",
  scopeOpenid: "Saber quién es usted",
  scopeProfile: "Ver su nombre y su foto",
  scopeEmail: "Ver su dirección de correo electrónico",
  scopeAddress: "Ver su dirección postal",
  scopePhone: "Ver su número de teléfono",
  scopeOfflineAccess: "Seguir conectada cuando usted no esté",

  signIn: "Si elige «Permitir», iniciará sesión en {provider}. Solo ese sitio ve su contraseña.",
  anotherAccount: "Usar otra cuenta",
  deny: "Denegar",
  allow: "Permitir",
  lasts: "El acceso termina como máximo {duration} después de iniciar sesión.",
  endEarlier: "Para terminarlo antes, desconecte este servidor en la aplicación.",
  details: "Detalles",
  redirectUri: "Volverá a",
  describedAt: "La descripción de la aplicación viene de",
  resource: "Dirección de este servidor",

  connectedTitle: "Está conectado",
  connectedText: "Ha iniciado sesión en {server}. Vuelva a la aplicación.",
  deniedTitle: "Ha denegado el acceso",
  deniedText: "La aplicación no obtiene acceso a {server}.",
  failedTitle: "No está conectado",
  failedText: "No se pudo iniciar sesión en {server}. La aplicación dice por qué.",
  returnToApplication: "Volver a la aplicación",
  opensLinks: "Esto abre la aplicación para los enlaces {scheme}. Después puede cerrar esta página.",
  answerExpiredTitle: "Aquí no hay nada que responder",
  answerExpiredText:
    "Esta dirección pertenece a una pregunta que ya se respondió o ha caducado. Empiece de nuevo en la aplicación.",

  operatedBy: "Operado por {operator}",
  help: "Ayuda",
  privacy: "Privacidad",
  terms: "Condiciones",
};

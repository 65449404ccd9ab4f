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
  expiredTitle: "Inicio de sesión caducado",
  expiredText: "El inicio de sesión en {server} tardó demasiado. Empiece de nuevo en la aplicación.",
  unregisteredTitle: "Aplicación no registrada",
  unregisteredText: "{server} no conoce esta aplicación. Quite el servidor en la aplicación y añádalo de nuevo.",
  blockedTitle: "Aplicación bloqueada",
  blockedText: "El operador de {server} ha bloqueado esta aplicación. No se ha compartido ningún dato.",
  notAllowedTitle: "Aplicación no permitida",
  notAllowedText: "{server} ya no permite esta aplicación o su dirección. No se ha compartido ningún dato.",
  badAddressTitle: "Esta dirección no se puede usar",
  badAddressText:
    "La aplicación quiere enviarle a una dirección que {server} no acepta. No se ha compartido ningún dato. Quite el servidor en la aplicación y añádalo de nuevo.",
  badRequestTitle: "Esta solicitud no se puede usar",
  badRequestText:
    "La aplicación envió una solicitud que {server} no puede usar. No se ha compartido ningún dato. Empiece de nuevo en la aplicación.",
  pageExpiredTitle: "Página caducada",
  pageExpiredText:
    "Ya no puede responder a esta página. Abra la pregunta de nuevo, o empiece de nuevo en la aplicación.",
  otherBrowserTitle: "Este inicio de sesión empezó en otro navegador",
  otherBrowserText:
    "Este inicio de sesión empezó en otro navegador, o ya ha terminado. No se ha compartido ningún dato. Si alguien le envió este enlace, cierre esta página. Si no, empiece de nuevo en la aplicación. Inicie sesión en el navegador que abra, y permita allí las cookies.",
  loginUsedTitle: "Inicio de sesión ya terminado",
  loginUsedText:
    "Este inicio de sesión ya se usó. Si la aplicación no está conectada, empiece de nuevo en ella. Si no, cierre esta página.",
  providerFailedTitle: "Este inicio de sesión no se puede terminar",
  providerFailedText:
    "El sitio en el que inició sesión envió una respuesta que {server} no puede usar. No se ha compartido ningún dato. Empiece de nuevo en la aplicación. Si vuelve a ocurrir, avise al operador de {server}.",
  tooManyTitle: "Demasiadas solicitudes",
  tooManyText: "Llegaron demasiadas solicitudes de su red. Espere un minuto e inténtelo de nuevo.",
  unavailableTitle: "No disponible en este momento",
  unavailableText: "{server} no puede iniciar su sesión en este momento. Espere un momento e inténtelo de nuevo.",
  mistakeText:
    "Una aplicación le envió aquí con una solicitud que tiene un error. No se ha compartido ningún dato. Vuelva solo si acaba de usar la aplicación y confía en ella.",
  mistakeLeads: "El enlace lleva a {host}. Nadie ha comprobado de quién es esta dirección.",
  mistakeOpens: "El enlace abre una aplicación para enlaces {scheme}. Nadie ha comprobado de quién es esta aplicación.",
  wentWrongTitle: "Algo salió mal",
  wentWrongText: "{server} no pudo responder. Inténtelo de nuevo. Si vuelve a ocurrir, avise al operador de {server}.",

  tryAgain: "Intentar de nuevo",
  openAgain: "Abrir la pregunta de nuevo",
  howToConnect: "Cómo conectarse",
  getHelp: "Obtener ayuda",
  forDevelopers: "Detalles para desarrolladores",
  reference: "Referencia para el operador: {reference}",

  landingTitle: "Conectarse a {server}",
  landingWhat:
    "Esta es la dirección de un servidor MCP. Una aplicación de IA a la que la añada puede trabajar con {server} por usted.",
  landingAddress: "Dirección para copiar",
  landingAsks:
    "Al añadirla, inicia sesión y elige qué puede hacer la aplicación. Para terminarlo más tarde, quite el servidor en la aplicación.",
  landingClaude: "Abra «Personalizar» y después «Conectores». Añada un conector personalizado y pegue la dirección.",
  landingChatGpt:
    "Abra los ajustes y después «Aplicaciones y conectores». Active el modo de desarrollador en los ajustes avanzados. Cree un conector y pegue la dirección.",
  landingTerminal: "Ejecute esto en una terminal:",
  landingFile: "Añada esto a {file} en su carpeta personal:",

  operatedBy: "Operado por {operator}",
  help: "Ayuda",
  privacy: "Privacidad",
  terms: "Condiciones",
};

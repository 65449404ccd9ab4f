const UNSAFE_SCHEMES: ReadonlySet<string> = new Set([
  // Scripts and documents inside of a browser.
  ...["about", "blob", "content", "data", "filesystem", "javascript", "jscript", "livescript", "mocha", "vbs"],
  ...["vbscript", "view-source", "viewsource", "wyciwyg", "cid", "mid", "urn"],
  // Browsers: these open any address that follows.
  ...["brave", "chrome", "edge", "firefox", "firefox-focus", "intent", "opera", "opera-http", "opera-https"],
  ...["touch-http", "touch-https", "vivaldi"],
  // Files, archives and other machines.
  ...["afp", "cifs", "dav", "davs", "file", "ftp", "ftps", "gopher", "jar", "ldap", "ldaps", "mhtml", "mk", "nfs"],
  ...["rdp", "res", "resource", "rlogin", "rtmp", "rtsp", "sftp", "smb", "ssh", "telnet", "tn3270", "vnc", "ws", "wss"],
  // What starts, installs or subscribes to something.
  ...["android-app", "feed", "feeds", "jnlp", "jnlps", "magnet", "market", "pcast", "podcast", "podcasts", "itpc"],
  ...["steam", "webcal", "webcals"],
  // The system itself: settings, search, help, automation.
  ...["app-prefs", "applescript", "help", "prefs", "search", "search-ms", "settings", "shell", "shortcuts", "workflow"],
  ...["x-help-action", "x-help-script", "x-man-page", "x-web-search"],
  // Calls, messages and places.
  ...["callto", "geo", "ichat", "im", "imessage", "mailto", "maps", "message", "mms", "mmsto", "sip", "sips", "skype"],
  ...["sms", "smsto", "tel", "telprompt", "xmpp"],
]);

const UNSAFE_FAMILIES: readonly RegExp[] = [
  // A drive of Windows; and what websites may register for themselves.
  /^.$/,
  /^web\+/,
  /^(?:chrome|moz|ms|x-safari)-/,
  /^(?:facetime|googlechrome|itms|itunes|microsoft-edge|onenote|x-apple)/,
  /-extension$/,
];

/**
 * Whether a browser or an operating system acts on URIs of this scheme (in lower case) itself, or hands them to a
 * program of its own, instead of taking them to the app of a client (RFC 8252 section 7.1).
 */
export function isUnsafeScheme(scheme: string): boolean {
  return UNSAFE_SCHEMES.has(scheme) || UNSAFE_FAMILIES.some((family) => family.test(scheme));
}

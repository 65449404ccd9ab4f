import { describe, expect, it } from "vitest";
import { isUnsafeScheme } from "./private-use-schemes.ts";

describe("Security rule 4: a private-use scheme belongs to a client", () => {
  it.each([
    ...["javascript", "vbscript", "data", "blob", "about", "view-source", "file", "mhtml", "jar"],
    ...["chrome", "chrome-extension", "chrome-search", "moz-extension", "moz-icon", "safari-web-extension"],
    ...["safari-extension", "ms-browser-extension", "edge", "microsoft-edge", "microsoft-edge-https"],
    ...["googlechrome", "googlechromes", "googlechrome-x-callback", "firefox", "x-safari-https", "intent"],
    ...["ms-msdt", "ms-appinstaller", "ms-officecmd", "ms-word", "ms-excel", "ms-settings", "ms-search", "onenote"],
    ...["search", "search-ms", "shell", "jnlp", "jnlps", "feed", "steam", "market", "itms", "itms-services"],
    ...["itms-apps", "itmss", "webcal", "magnet"],
    ...["facetime", "facetime-audio", "tel", "telprompt", "callto", "sms", "smsto", "mms", "sip", "mailto", "geo"],
    ...["x-apple.systempreferences", "x-apple-helpbasic", "shortcuts", "applescript", "prefs", "x-man-page"],
    ...["c", "web+mcp", "vnc", "rdp", "ssh", "telnet", "smb", "afp", "ldap", "ftp"],
  ])("not %s", (scheme) => {
    expect(isUnsafeScheme(scheme)).toBe(true);
  });

  it.each([
    ...["cursor", "vscode", "vscode-insiders", "vscodium", "code-oss", "windsurf", "windsurf-next", "claude"],
    ...["claude-cli", "zed", "raycast", "com.raycast", "goose", "warp", "jetbrains", "kiro", "trae", "positron"],
    ...[
      "lmstudio",
      "cherrystudio",
      "librechat",
      "msagent",
      "searcher",
      "com.example.app",
      "com.googleusercontent.apps.1-a",
    ],
    ...["io.modelcontextprotocol.client", "x-mcp-client"],
  ])("but %s is one", (scheme) => {
    expect(isUnsafeScheme(scheme)).toBe(false);
  });
});

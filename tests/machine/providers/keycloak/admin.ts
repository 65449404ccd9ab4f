/** Keycloak's admin API, by the administrator that its first start makes. */
export class KeycloakAdmin {
  static readonly env = { KC_BOOTSTRAP_ADMIN_USERNAME: "admin", KC_BOOTSTRAP_ADMIN_PASSWORD: "admin" };
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get<T>(path: string): Promise<T> {
    return this.#send("GET", path) as Promise<T>;
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#send("POST", path, body);
  }

  put(path: string, body: unknown = {}): Promise<unknown> {
    return this.#send("PUT", path, body);
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.#origin}/admin/realms${path}`, {
      method,
      headers: { Authorization: `Bearer ${await this.#token()}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    }
    return text === "" ? undefined : JSON.parse(text);
  }

  // Its tokens last a minute.
  async #token(): Promise<string> {
    const body = new URLSearchParams({
      grant_type: "password",
      client_id: "admin-cli",
      username: KeycloakAdmin.env.KC_BOOTSTRAP_ADMIN_USERNAME,
      password: KeycloakAdmin.env.KC_BOOTSTRAP_ADMIN_PASSWORD,
    });
    const url = `${this.#origin}/realms/master/protocol/openid-connect/token`;
    const answer = await fetch(url, { method: "POST", body });
    if (!answer.ok) {
      throw new Error(`The administrator's login answered ${answer.status}: ${await answer.text()}`);
    }
    return ((await answer.json()) as { access_token: string }).access_token;
  }
}

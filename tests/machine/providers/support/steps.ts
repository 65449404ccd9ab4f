import { decodeJwt } from "jose";
import { createBrowser } from "./browser-login.ts";
import type { Deployment } from "./deployment.ts";
import { logInDirectly, requestMachineToken } from "./direct-login.ts";
import type { Session } from "./session.ts";
import type { Step } from "./table.ts";
import { call, callTool, subjectOf } from "./tool-call.ts";

/** What each step does. It throws where the server, the provider or both don't do what they should. */
export const RUN: Readonly<Record<Step, (deployment: Deployment) => Promise<void>>> = {
  async login(deployment) {
    const session = await deployment.logIn("alice");
    if (session.refreshToken === undefined) {
      throw new Error("The login brought no refresh token");
    }
  },

  async call(deployment) {
    for (const username of ["alice", "bob"]) {
      const { idToken = "" } = await logInDirectly(
        deployment.provider,
        deployment.metadata,
        username,
        deployment.direct,
      );
      const { accessToken } = await deployment.logIn(username);
      const subject = await subjectOf(deployment.url, accessToken);
      const { sub } = decodeJwt(idToken);
      if (subject !== sub) {
        throw new Error(`The subject of ${username} is ${subject}; the provider says ${sub}`);
      }
    }
  },

  async "refresh twice"(deployment) {
    let session = await deployment.logIn("alice");
    const subject = await subjectOf(deployment.url, session.accessToken);
    for (let refresh = 1; refresh <= 2; refresh++) {
      session = await session.refreshed();
      await expectSubject(deployment, session, subject);
    }
  },

  async "two refreshes at once"(deployment) {
    const session = await deployment.logIn("alice");
    const subject = await subjectOf(deployment.url, session.accessToken);
    const answers = await Promise.all([session.refresh(), session.refresh()]);
    const renewed = await Promise.all(answers.map((answer) => session.renewed(answer)));
    for (const each of renewed) {
      await expectSubject(deployment, each, subject);
    }
    const again = await renewed.at(-1)?.refreshed();
    if (again !== undefined) {
      await expectSubject(deployment, again, subject);
    }
  },

  async revoke(deployment) {
    const { url, way } = deployment;
    const browser = createBrowser();
    const session = await deployment.logIn("alice", browser);
    const other = await deployment.logIn("alice", browser);
    await subjectOf(url, session.accessToken);
    await subjectOf(url, other.accessToken);
    await session.revoke();
    if (way !== "remote") {
      await expectStatus(await call(url, session.accessToken), 401, "A call after the revocation");
    }
    await expectInvalidGrant(await session.refresh(), "A refresh after the revocation");
    if (way === "bearer") {
      return;
    }
    await subjectOf(url, other.accessToken).catch(explain("A call of the user's other client"));
    const renewed = await other.refreshed().catch(explain("Another client of the same user"));
    await subjectOf(url, renewed.accessToken);
  },

  async "key rotation"(deployment) {
    const { url, provider } = deployment;
    const session = await deployment.logIn("alice");
    const subject = await subjectOf(url, session.accessToken);
    await provider.rotateKeys?.();
    await expectSubject(deployment, session, subject);
    if (session.refreshToken !== undefined) {
      await expectSubject(deployment, await session.refreshed(), subject);
    }
    await expectSubject(deployment, await deployment.logIn("alice"), subject);
  },

  async "disabled user"(deployment) {
    const { provider, url, way } = deployment;
    const session = await deployment.logIn("bob");
    await subjectOf(url, session.accessToken);
    await provider.disable?.("bob");
    try {
      if (way === "bearer") {
        await expectStatus(await call(url, session.accessToken), 401, "A call of a disabled user");
      } else {
        await expectInvalidGrant(await session.refresh(), "A refresh of a disabled user");
      }
    } finally {
      await provider.enable?.("bob");
    }
  },

  async machine(deployment) {
    const { url, origin, way, provider, metadata, direct } = deployment;
    const token =
      way === "proxy"
        ? await tokenOfMachine(origin, deployment)
        : await requestMachineToken(provider, metadata, direct);
    await subjectOf(url, token);
  },

  async exchangeToken(deployment) {
    const { otherApi = "" } = deployment.provider;
    const { accessToken } = await deployment.logIn("alice");
    const exchanged = await callTool(deployment.url, accessToken, "exchange", { audience: otherApi });
    const { aud, sub } = decodeJwt(exchanged);
    if (![aud].flat().includes(otherApi)) {
      throw new Error(`The exchanged token is for ${aud}`);
    }
    const subject = await subjectOf(deployment.url, accessToken);
    if (sub !== subject) {
      throw new Error(`The exchanged token is of ${sub}, and the call of ${subject}`);
    }
  },

  async "restart in between"(deployment) {
    const session = await deployment.logIn("alice");
    await deployment.restart();
    const subject = await subjectOf(deployment.url, session.accessToken);
    if (session.refreshToken === undefined) {
      return;
    }
    await deployment.restart();
    const renewed = await session.refreshed();
    await deployment.restart();
    await expectSubject(deployment, renewed, subject);
  },
};

/** A machine that logs in at our token endpoint with its credentials at the provider. */
async function tokenOfMachine(origin: string, { url, provider, direct }: Deployment): Promise<string> {
  const { clientId, clientSecret } = provider.machine;
  const { scope } = direct.machine ?? {};
  const form = {
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    resource: url,
    ...(scope !== undefined && { scope }),
  };
  const answer = await fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams(form) });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`The token endpoint answered ${answer.status} to the machine: ${text}`);
  }
  return (JSON.parse(text) as { access_token: string }).access_token;
}

async function expectSubject({ url }: Deployment, { accessToken }: Session, subject: string): Promise<void> {
  const now = await subjectOf(url, accessToken);
  if (now !== subject) {
    throw new Error(`The subject was ${subject} and became ${now}`);
  }
}

async function expectInvalidGrant(answer: Response, what: string): Promise<void> {
  const text = await answer.clone().text();
  await expectStatus(answer, 400, what);
  const { error } = JSON.parse(text) as { error: string };
  if (error !== "invalid_grant") {
    throw new Error(`${what} answered ${text}`);
  }
}

async function expectStatus(answer: Response, status: number, what: string): Promise<void> {
  const text = await answer.text();
  if (answer.status !== status) {
    throw new Error(`${what} answered ${answer.status}, not ${status}: ${text.slice(0, 500)}`);
  }
}

function explain(what: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${what} was cut off. ${error.message}`);
  };
}

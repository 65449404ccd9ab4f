import { createClient, ErrorReply } from "@redis/client";
import { ConfigError } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import { describeConnectionFailure } from "../lib/connection-failure.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { GuardStoreUnavailable, STORAGE_VARIABLE } from "./guard-store.ts";

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`; may hold a user name, a password and a database number. */
  readonly url: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when Redis answers again: commands that were given up may have been carried out meanwhile. */
  readonly onRecovery?: () => void;
}

/** A connection that answers soon or fails soon. */
export interface RedisConnection {
  /**
   * Sends one command. Rejects with {@link GuardStoreUnavailable} when there is no good answer within half a second.
   */
  send(...command: readonly string[]): Promise<unknown>;
  /**
   * Listens to a channel, on a second connection that is opened for the first one. What it misses while that is broken
   * is lost. Returns what ends it. Rejects as {@link RedisConnection.send} does.
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => void>;
  close(): void;
}

/** How long a command, and the first connection at start, may take: milliseconds. */
const COMMAND_TIMEOUT = 500;

/** How long Redis is left alone after a failure: seconds. */
const BREAKER_PAUSE = 1;

/** Milliseconds. A connection without any traffic for `SILENCE_LIMIT` is given up; pings keep a healthy one going. */
const CONNECT_TIMEOUT = 5_000;
const PING_INTERVAL = 3_000;
const SILENCE_LIMIT = 10_000;

const MAX_PENDING_COMMANDS = 10_000;

/**
 * Connects in the background, again and again with a growing pause of at most two seconds; the first connection is
 * waited for half a second. Nothing is queued while there is no connection.
 *
 * @throws ConfigError when the URL can't be used. Its value is never shown.
 */
export async function openRedisConnection(options: RedisConnectionOptions): Promise<RedisConnection> {
  const { url, clock, logger, onRecovery = () => {} } = options;
  const { host } = new URL(url);
  const client = createRedisClient(url);
  const breaker = createCircuitBreaker(BREAKER_PAUSE, clock);
  let answers: boolean | undefined;
  let closed = false;
  let subscriber: ReturnType<typeof openSubscriber> | undefined;

  function reportDown(error: unknown): void {
    if (answers !== false && !closed) {
      answers = false;
      logger.warn(
        { event: "redis-down", host, err: error },
        `${describeDown(error)} Until it does, token requests are answered with 503 and calls with valid tokens go on. ${adviceFor(error)}`,
      );
    }
  }

  function reportUp(): void {
    if (answers !== true) {
      answers = true;
      logger.info({ event: "redis-up", host }, "Redis answers");
    }
  }

  function recover(): void {
    breaker.succeeded();
    reportUp();
    onRecovery();
  }

  client.on("error", reportDown);
  client.on("ready", recover);
  client.once("ready", () => void warnAboutEviction((...command) => client.sendCommand(command), logger));
  const connected = client.connect().catch(reportDown);
  await withTimeout(connected, COMMAND_TIMEOUT).catch(reportDown);

  return {
    async send(...command) {
      if (!breaker.admits()) {
        throw new GuardStoreUnavailable("Redis failed a moment ago and is given a second to recover.");
      }
      const answer = client.sendCommand(command);
      const wait = () => withTimeout(answer, COMMAND_TIMEOUT);
      try {
        const reply = await (activeTelemetry()?.store({ command: command[0] ?? "", host }, wait) ?? wait());
        breaker.succeeded();
        reportUp();
        return reply;
      } catch (error) {
        if (error instanceof ErrorReply) {
          breaker.succeeded();
          if (isRefusal(error)) {
            reportDown(error);
          }
          throw new GuardStoreUnavailable(`Redis refused ${command[0]}.`, { cause: error });
        }
        breaker.failed();
        reportDown(error);
        answer.then(recover, () => {});
        throw new GuardStoreUnavailable("Redis does not answer.", { cause: error });
      }
    },

    async subscribe(channel, listener) {
      subscriber ??= openSubscriber(url, reportDown);
      try {
        await withTimeout(subscriber.ready, COMMAND_TIMEOUT);
        const { client: connection } = subscriber;
        const end = () => void connection.unsubscribe(channel, listener).catch(() => {});
        const subscribing = connection.subscribe(channel, listener);
        await withTimeout(subscribing, COMMAND_TIMEOUT).catch((error: unknown) => {
          // It may still come about, when nobody listens any more.
          subscribing.then(end, () => {});
          throw error;
        });
        return end;
      } catch (error) {
        reportDown(error);
        throw new GuardStoreUnavailable("Redis does not answer.", { cause: error });
      }
    },

    close() {
      closed = true;
      client.destroy();
      subscriber?.client.destroy();
    },
  };
}

/** A connection that has listened to a channel takes no other commands (RESP 2). It connects again when it breaks. */
function openSubscriber(url: string, onError: (error: unknown) => void) {
  const client = createRedisClient(url);
  client.on("error", onError);
  const ready = new Promise<void>((resolve) => client.once("ready", () => resolve()));
  client.connect().catch(onError);
  return { client, ready };
}

/** Why there is no answer: a sentence. Never holds what Redis said, which may quote the credentials. */
function describeDown(error: unknown): string {
  if (isRefusal(error)) {
    return `Redis refuses the user name and password of ${STORAGE_VARIABLE}, or asks for them, so it does not answer.`;
  }
  const { code, reason } = describeConnectionFailure(error);
  return code === undefined ? "Redis does not answer." : `Redis does not answer: ${reason} (${code}).`;
}

function adviceFor(error: unknown): string {
  const { advice } = describeConnectionFailure(error);
  return advice === undefined
    ? `Check ${STORAGE_VARIABLE} and the Redis server.`
    : `Check ${STORAGE_VARIABLE}. ${advice}`;
}

/** `WRONGPASS`, `NOAUTH` and their like. */
function isRefusal(error: unknown): boolean {
  return error instanceof ErrorReply && /^(?:WRONGPASS|NOAUTH|NOPERM)|\bAUTH\b/.test(error.message);
}

function createRedisClient(url: string) {
  try {
    return createClient({
      url,
      RESP: 2,
      maintNotifications: "disabled",
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_PENDING_COMMANDS,
      pingInterval: PING_INTERVAL,
      socket: {
        connectTimeout: CONNECT_TIMEOUT,
        socketTimeout: SILENCE_LIMIT,
        reconnectStrategy: (retries) => Math.min(2_000, 50 * 2 ** Math.min(retries, 10)) + Math.random() * 100,
      },
    });
  } catch {
    throw new ConfigError([
      {
        variable: STORAGE_VARIABLE,
        message:
          "is not a Redis URL. Write redis://user:password@host:6379/0, with special characters of the password percent-encoded.",
      },
    ]);
  }
}

async function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${milliseconds} ms.`)), milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Warns when Redis is set up to forget entries under memory pressure: a denial or a used id would be good again. */
async function warnAboutEviction(send: (...command: string[]) => Promise<unknown>, logger: Logger): Promise<void> {
  const memory = await send("INFO", "memory").then(String, () => "");
  const limit = /^maxmemory:(\d+)/m.exec(memory)?.[1];
  const policy = /^maxmemory_policy:([\w-]+)/m.exec(memory)?.[1];
  if (policy !== undefined && policy !== "noeviction" && limit !== "0") {
    logger.warn(
      { event: "redis-evicts", policy },
      "Redis drops entries when its memory is full, and with them revocations and used refresh tokens. Set maxmemory-policy to noeviction.",
    );
  }
}

import type { StoredEntry } from "./artifacts.ts";
import type { Deployment } from "./exercise.ts";
import { startServer } from "./harness.ts";
import { createProvider } from "./provider.ts";
import { routeToProvider } from "./provider-network.ts";
import { RECORDED_AT, readTestKeys } from "./recorded.ts";
import { type RedisStandIn, startRedisStandIn } from "./redis-stand-in.ts";

/** A server at the time of the recording, with its provider and the Redis that some environments name. */
export interface RunningDeployment extends Deployment {
  readonly redis: RedisStandIn;
  close(): Promise<void>;
}

export interface DeploymentOptions {
  readonly store?: Readonly<Record<string, StoredEntry>> | undefined;
  readonly providerRefuses?: true | undefined;
}

export async function deploy(
  envFile: string,
  { store = {}, providerRefuses }: DeploymentOptions = {},
): Promise<RunningDeployment> {
  const keys = readTestKeys();
  const now = RECORDED_AT;
  const provider = createProvider({ keys, now });
  if (providerRefuses) {
    provider.refuseGrants();
  }
  const restoreNetwork = routeToProvider(() => provider);
  const redis = await startRedisStandIn(store);
  const variables = { UPGRADE_REDIS_PORT: String(redis.port) };
  const closeSurroundings = async () => {
    await redis.close();
    restoreNetwork();
  };
  try {
    const server = await startServer({ envFile, now, variables });
    const close = async () => {
      await server.close();
      await closeSurroundings();
    };
    return { server, provider, redis, keys, now, close };
  } catch (error) {
    await closeSurroundings();
    throw error;
  }
}

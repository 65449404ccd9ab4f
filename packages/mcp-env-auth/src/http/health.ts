import { Router } from "express";
import { sendJson } from "./oauth-error-response.ts";

/**
 * `/healthz`: the process serves requests. `/readyz`: it can serve calls with a token;
 * 503 until then, and again once it is stopping, so that a load balancer sends no more. Neither checks Host, so that an orchestrator can ask by address.
 */
export function createHealthRouter(ready: () => boolean): Router {
  const router = Router();
  router.get("/healthz", (_request, response) => sendJson(response, 200, { status: "ok" }));
  router.get("/readyz", (_request, response) => {
    const isReady = ready();
    sendJson(response, isReady ? 200 : 503, { status: isReady ? "ready" : "not ready" });
  });
  return router;
}

/**
 * A local stand-in for an Auth0 tenant, for development and tests only.
 *
 * @module
 */
export type { Api, TokenDialect } from "./apis.ts";
export type { Application, ApplicationType, ClientAuthenticationMethod, GrantType } from "./applications.ts";
export type { Clock } from "./clock.ts";
export type { IssueAccessTokenOptions, IssueMachineTokenOptions, IssueTokenOptions } from "./issue.ts";
export type { JwtOptions } from "./jwt.ts";
export type {
  AccessTokenFault,
  EndpointFault,
  ErrorFault,
  IdTokenFault,
  MetadataFault,
  Misbehaviour,
} from "./misbehaviour.ts";
export type { Organization } from "./organization.ts";
export type { RefreshSettings } from "./refresh-tokens.ts";
export type { RecordedRequest } from "./request-log.ts";
export { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "./server.ts";
export type { TenantOptions } from "./tenant.ts";
export type { ResolvedUser, User } from "./users.ts";

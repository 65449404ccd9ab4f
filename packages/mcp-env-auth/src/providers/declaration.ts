import { checkInputs } from "../env/check-inputs.ts";
import type { Environment } from "../env/environment.ts";
import { type FieldInputs, type Fields, type FieldValues, variableName } from "../env/field.ts";
import { missingProblem } from "../env/problems.ts";
import { readFields } from "../env/read-fields.ts";
import type { VariableOrigin } from "../env/variable-origin.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { ProviderAdvice } from "../provider-advice.ts";
import type { AuthProvider, AuthProviderContext, LoginScopesDefault, RolesSource } from "./auth-provider.ts";
import { type PlainHttpFields, plainHttpIn, warnOfPlainHttp, withPlainHttp } from "./fields/plain-http-field.ts";
import { type RolesClaim, type RolesFields, rolesFields } from "./fields/roles-claim.ts";

/** How settings are called where they come from, for messages that name one. */
export interface SettingNames {
  /** The full environment variable of a field, or its option's name when configured in code. */
  nameOf(field: string): string;
  /** That of the declaration. */
  readonly advice?: ProviderAdvice | undefined;
}

/** For rules that concern several fields. */
export interface CheckContext<F extends Fields> extends SettingNames {
  /** Whether a field has a value, right or wrong: what is wrong with a single value has been reported. */
  isGiven(field: keyof F & string): boolean;
  /** The problem of a field that is needed after all. `note` is a sentence that says why. */
  missing(field: keyof F & string, note: string): ConfigProblem;
}

/**
 * All that there is to know of a provider. From it come the parser of its variables, the class for code, the
 * documentation and `.env.example`.
 */
export interface ProviderDeclaration<F extends Fields = Fields> {
  /** What FASTMCP_SERVER_AUTH names it by, as in FastMCP. */
  readonly classPath: string;
  /** Other values of FASTMCP_SERVER_AUTH: short names, in any case, and class paths of older releases. */
  readonly aliases: readonly string[];
  /** What its variables start with, such as `FASTMCP_SERVER_AUTH_AUTH0_`. */
  readonly prefix: string;
  /** Its name for people. */
  readonly title: string;
  /** For messages about what goes wrong at this provider. */
  readonly advice?: ProviderAdvice;
  /** In camel case; `configUrl` is the variable `<prefix>CONFIG_URL` and the option `configUrl`. */
  readonly fields: F;
  /** What is known of the roles in its tokens, for the field `rolesClaim` that every provider gets. */
  readonly rolesClaim?: RolesClaim;
  /** What FASTMCP_LOGIN_SCOPES is where it is not set: only of a provider that was seen to do what it says. */
  readonly loginScopes?: LoginScopesDefault;
  /** `false` where what is known of a user never says what they may do. */
  readonly namesPermissions?: false;
  /** What is wrong with the settings together. Called with those that are good on their own. */
  check?(settings: Partial<FieldValues<F>>, context: CheckContext<F>): readonly ConfigProblem[];
  /** Builds the provider. Reaches for nothing on the network. */
  create(settings: FieldValues<F>, names: SettingNames): AuthProvider;
}

/** What the environment makes of a provider. */
export interface ProviderReading {
  /** `undefined` when there are problems. */
  readonly provider: AuthProvider | undefined;
  readonly problems: readonly ConfigProblem[];
  readonly origins: readonly VariableOrigin[];
  readonly secrets: readonly string[];
  /** What is odd and does not stop the start. */
  readonly warnings?: readonly ConfigProblem[];
}

/** A provider that the environment can name. */
export interface DeclaredProvider {
  readonly declaration: ProviderDeclaration;
  /** Builds the provider from its variables. Every problem is reported at once, none is thrown. */
  fromEnvironment(environment: Environment): ProviderReading;
}

/** The class of a provider. Options that are left out take their defaults; the environment is not looked at. */
export interface ProviderClass<F extends Fields> extends DeclaredProvider {
  readonly declaration: ProviderDeclaration<F>;
  /** @throws ConfigError with every problem, named after the options. */
  new (
    ...args: Record<string, never> extends FieldInputs<F> ? [options?: FieldInputs<F>] : [options: FieldInputs<F>]
  ): AuthProvider;
}

const secretsFromCode = new WeakMap<AuthProvider, readonly string[]>();

/** The secrets that a provider was given in code, to keep them out of logs. */
export function secretsOf(provider: AuthProvider): readonly string[] {
  return secretsFromCode.get(provider) ?? [];
}

/** Makes the class of a provider from its declaration. To its fields comes `rolesClaim`. */
export function defineProvider<F extends Fields>(declared: ProviderDeclaration<F>): ProviderClass<F & RolesFields> {
  const fields = { ...declared.fields, ...rolesFields(declared.rolesClaim) } as F & RolesFields;
  const declaration = { ...declared, fields } as ProviderDeclaration<F & RolesFields>;

  class Provider implements AuthProvider {
    static readonly declaration = declaration;

    static fromEnvironment(environment: Environment): ProviderReading {
      return readProvider(declaration, environment);
    }

    readonly #provider: AuthProvider;

    constructor(options: FieldInputs<F & RolesFields> = {} as FieldInputs<F & RolesFields>) {
      const { provider, secrets } = createFromOptions(declaration, options);
      this.#provider = provider;
      secretsFromCode.set(this, secrets);
    }

    get baseUrl(): URL | undefined {
      return this.#provider.baseUrl;
    }

    get title() {
      return this.#provider.title;
    }

    get organizations() {
      return this.#provider.organizations;
    }

    get upstream() {
      return this.#provider.upstream;
    }

    get roles() {
      return this.#provider.roles;
    }

    get namesOrganizations() {
      return this.#provider.namesOrganizations;
    }

    get namesPermissions() {
      return this.#provider.namesPermissions;
    }

    get loginScopes() {
      return this.#provider.loginScopes;
    }

    get describe() {
      return this.#provider.describe;
    }

    authenticate(context: AuthProviderContext) {
      return this.#provider.authenticate(context);
    }
  }
  Object.defineProperty(Provider, "name", { value: declaration.classPath.split(".").at(-1) });
  return Provider;
}

function readProvider<F extends Fields>(
  declaration: ProviderDeclaration<F>,
  environment: Environment,
): ProviderReading {
  const { fields, prefix } = declaration;
  const nameOf = (field: string) => variableName(prefix, field);
  const excepted = exceptPlainHttp(fields, nameOf, (setting) => readFields(setting, prefix, environment).values);
  const { values, given, problems, origins, secrets, warnings, untrimmed } = readFields(excepted, prefix, environment);
  const all = [...problems, ...checkTogether(declaration, values, given, nameOf)];
  const provider =
    all.length === 0
      ? createProvider(declaration, withUntrimmedKeys(values, untrimmed) as FieldValues<F>, { nameOf })
      : undefined;
  return { provider, problems: all, origins, secrets: [...secrets, ...keysIn(untrimmed)], warnings };
}

interface Keys {
  readonly clientSecret?: string;
  readonly jwtSigningKey?: string;
  readonly jwtSigningKeyPrevious?: readonly string[];
  readonly jwtSigningKeyRegistrations?: readonly string[];
}

/** Earlier releases sealed under keys as they were set: what they sealed must open, and nothing new is sealed so. */
function withUntrimmedKeys(values: Keys, untrimmed: Keys): Keys {
  const earlier = values.jwtSigningKey === undefined ? untrimmed.clientSecret : untrimmed.jwtSigningKey;
  const previous = [...(earlier === undefined ? [] : [earlier]), ...(untrimmed.jwtSigningKeyPrevious ?? [])];
  const retired = untrimmed.jwtSigningKeyRegistrations ?? [];
  return {
    ...values,
    ...(previous.length > 0 && { jwtSigningKeyPrevious: [...(values.jwtSigningKeyPrevious ?? []), ...previous] }),
    ...(retired.length > 0 && {
      jwtSigningKeyRegistrations: [...(values.jwtSigningKeyRegistrations ?? []), ...retired],
    }),
  };
}

function keysIn(keys: Keys): readonly string[] {
  const { clientSecret, jwtSigningKey, jwtSigningKeyPrevious = [], jwtSigningKeyRegistrations = [] } = keys;
  return [clientSecret, jwtSigningKey, ...jwtSigningKeyPrevious, ...jwtSigningKeyRegistrations].filter(
    (key) => key !== undefined,
  );
}

/** `fields`, with the exceptions that their setting for http makes, which has to be read first. */
function exceptPlainHttp<F extends Fields>(
  fields: F,
  nameOf: (field: string) => string,
  read: (setting: PlainHttpFields) => Partial<FieldValues<PlainHttpFields>>,
): F {
  const setting = plainHttpIn(fields);
  return setting === undefined
    ? fields
    : withPlainHttp(fields, read(setting).plainHttpHosts ?? [], nameOf("plainHttpHosts"));
}

function createFromOptions<F extends Fields>(declaration: ProviderDeclaration<F>, options: FieldInputs<F>) {
  const nameOf = (field: string) => field;
  const { plainHttpHosts } = options as FieldInputs<PlainHttpFields>;
  const fields = exceptPlainHttp(
    declaration.fields,
    nameOf,
    (setting) => checkInputs(setting, { plainHttpHosts }).values,
  );
  const { values, given, problems, secrets } = checkInputs(fields, options);
  const all = [...problems, ...checkTogether(declaration, values, given, nameOf)];
  if (all.length > 0) {
    throw new ConfigError(all);
  }
  return { provider: createProvider(declaration, values as FieldValues<F>, { nameOf }), secrets };
}

function createProvider<F extends Fields>(
  declaration: ProviderDeclaration<F>,
  settings: FieldValues<F>,
  { nameOf }: Pick<SettingNames, "nameOf">,
): AuthProvider {
  const provider = declaration.create(settings, { nameOf, advice: declaration.advice });
  const { rolesClaim } = settings as Partial<FieldValues<RolesFields>>;
  const roles: RolesSource = { claim: rolesClaim, setting: nameOf("rolesClaim") };
  return {
    title: provider.title ?? declaration.title,
    organizations: provider.organizations ?? organizationsIn(settings),
    roles: provider.roles ?? roles,
    namesOrganizations: provider.namesOrganizations ?? Object.hasOwn(declaration.fields, "organizationClaim"),
    namesPermissions: provider.namesPermissions ?? declaration.namesPermissions,
    loginScopes: provider.loginScopes ?? declaration.loginScopes,
    get baseUrl() {
      return provider.baseUrl;
    },
    get upstream() {
      return provider.upstream;
    },
    describe: provider.describe?.bind(provider),
    authenticate(context) {
      warnOfPlainHttp(settings, nameOf, context.logger);
      return provider.authenticate(context);
    },
  };
}

/** Those of the settings that any provider may have. */
function organizationsIn(settings: object): readonly string[] | undefined {
  const { organization, allowedOrganizations } = settings as {
    readonly organization?: string;
    readonly allowedOrganizations?: readonly string[];
  };
  return organization === undefined ? allowedOrganizations : [organization];
}

function checkTogether<F extends Fields>(
  { fields, check }: ProviderDeclaration<F>,
  values: Partial<FieldValues<F>>,
  given: ReadonlySet<keyof F>,
  nameOf: (field: string) => string,
): readonly ConfigProblem[] {
  const problems = check?.(values, {
    nameOf,
    isGiven: (field) => given.has(field),
    missing: (field, note) => missingProblem(nameOf(field), fields[field] as F[typeof field], note),
  });
  return [...(problems ?? []), ...checkSubjectClaim(values, nameOf)];
}

/** Settings that name a claim, of what users have in common. */
const SHARED = ["organizationClaim", "organizationNameClaim", "rolesClaim"] as const;

/** What is wrong where a claim is to identify a user and by another setting says something else. */
function checkSubjectClaim(
  settings: Readonly<Record<string, unknown>>,
  nameOf: (setting: string) => string,
): readonly ConfigProblem[] {
  const { subjectClaim } = settings;
  return SHARED.filter((name) => subjectClaim !== undefined && settings[name] === subjectClaim).map((name) => ({
    variable: nameOf("subjectClaim"),
    message: `is the claim of ${nameOf(name)}, which does not identify a user. Name a claim such as username.`,
  }));
}

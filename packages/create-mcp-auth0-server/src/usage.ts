import { DEFAULT_BASE_URL } from "./base-url.ts";
import { DEPLOYMENTS } from "./deployments.ts";
import { PACKAGE_MANAGERS } from "./package-manager.ts";
import { DEFAULT_PROJECT } from "./project-name.ts";
import { DEFAULT_TEMPLATE, TEMPLATE_NAMES, TEMPLATES } from "./templates.ts";

const TEMPLATE_LINES = TEMPLATE_NAMES.map(
  (name) => `    ${name.padEnd(27)}${TEMPLATES[name].summary}${name === DEFAULT_TEMPLATE ? " (default at Auth0)" : ""}`,
);

/** The answer to `--help`. */
export const USAGE = `An MCP server secured by Auth0, ready to run.

Usage
  npm create mcp-auth0-server@latest [folder] -- [options]
  pnpm create mcp-auth0-server [folder] [options]
  yarn create mcp-auth0-server [folder] [options]
  bun create mcp-auth0-server [folder] [options]

  folder                       where to write the project, . for the current folder (${DEFAULT_PROJECT})

What it starts from
  --template <name>
${TEMPLATE_LINES.join("\n")}

Who logs users in
  --local                      a stand-in for Auth0 on this machine: nothing to register (default,
                               except for a public --base-url)
  --domain <domain>            your Auth0 tenant, such as my-tenant.us.auth0.com
  --provider <name>            another provider: google, github, azure, okta, keycloak, … (--provider ? lists them);
                               its template is minimal unless you name one, since weather asks for scopes of its own
  --client-id <id>             the application's client id
  --client-secret-file <path>  a file that holds the client secret, - for standard input
  --audience <identifier>      the API's identifier
  --scopes <scopes>            what every token must carry (at Auth0: what the template needs)
  --base-url <url>             public address of the server (${DEFAULT_BASE_URL})

How it is set up
  --no-install                 do not install dependencies
  --no-git                     do not start a git repository
  --deploy <name>              also write the files of a deployment: ${DEPLOYMENTS.slice(0, 4).join(", ")},
                               ${DEPLOYMENTS.slice(4).join(", ")}
  --package-manager <name>     ${PACKAGE_MANAGERS.join(", ")} (default: the one that runs this)
  --force                      write into a folder that is not empty: replaces files of the same name except .env,
                               deletes nothing
  --dry-run                    say what would be written, and write nothing
  -y, --yes                    ask nothing; what is not given takes its default
  -h, --help
  -v, --version

Without a terminal, or in CI, nothing is asked. What a tenant is not given stays empty in .env, to be filled in.

Exit codes
  0    done
  1    failed: nothing was left behind, unless only the installation failed, where the project stays
  2    the command line can't be followed, or the folder is not empty
  130  cancelled
`;

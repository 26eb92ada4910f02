// An OpenID Connect provider (npm `oidc-provider`) for tests: `node server.mjs PORT-FILE`.
//
// Clients register themselves by the standard's own route. Accounts are what a test puts to /accounts/NAME as JSON
// claims; a log-in needs no form: the parameter `login_hint` of the authorization request says who it is.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const accounts = new Map();
const CLAIMS = ['preferred_username', 'email', 'email_verified', 'groups', 'roles', 'realm_access', 'hasgroups', '_claim_names'];

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    claims: { openid: ['sub'], profile: CLAIMS },
    clientDefaults: { token_endpoint_auth_method: 'client_secret_basic' },
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: false }, registration: { enabled: true } },
    findAccount: (ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...accounts.get(id) })
    }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: async () => true
  });

  const finish = async (request, response) => {
    const { params, prompt, session } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      const login = { accountId: params.login_hint };
      return provider.interactionFinished(request, response, { login });
    }
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const grantId = await grant.save();
    return provider.interactionFinished(request, response, { consent: { grantId } });
  };

  const store = (request, response) => {
    const id = decodeURIComponent(request.url.slice('/accounts/'.length));
    let text = '';
    request.on('data', part => (text += part));
    request.on('end', () => {
      accounts.set(id, JSON.parse(text));
      response.writeHead(204).end();
    });
  };

  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (request.url.startsWith('/accounts/')) {
      store(request, response);
    } else if (request.url.startsWith('/interaction/')) {
      finish(request, response).catch(problem => response.writeHead(500).end(String(problem)));
    } else {
      handle(request, response);
    }
  });
  writeFileSync(process.argv[2], String(port));
});

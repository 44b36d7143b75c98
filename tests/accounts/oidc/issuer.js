// An issuer for the tests: the certified oidc-provider on the loopback, with a page that believes
// whoever signs in there. ISSUER is its address, REDIRECT_URIS where it sends people back (JSON),
// PEOPLE whom it knows (JSON): name -> claims.

import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const issuer = process.env.ISSUER;
const people = JSON.parse(process.env.PEOPLE);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "bixue",
      client_secret: "only for tests",
      redirect_uris: JSON.parse(process.env.REDIRECT_URIS),
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "test" }] },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  claims: {
    openid: ["sub", "amr"],
    profile: ["name", "preferred_username"],
    phone: ["phone_number", "phone_number_verified"],
  },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  // nobody is asked whether they agree: it is their employer's own sign-in
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile phone");
    await grant.save();
    return grant;
  },
});

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
}

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  if (ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = `<!doctype html><html lang="en"><title>Issuer</title><form method="post">
      <label>Name <input name="login"></label><label>Factors <input name="amr" value="pwd"></label>
      <button>Sign in</button></form></html>`;
    return undefined;
  }
  const form = await body(ctx.req);
  const login = form.get("login");
  ctx.respond = false;
  if (!(login in people)) {
    const refusal = { error: "access_denied", error_description: "nobody of that name" };
    return provider.interactionFinished(ctx.req, ctx.res, refusal);
  }
  const result = { login: { accountId: login, amr: form.get("amr").split(" ") } };
  return provider.interactionFinished(ctx.req, ctx.res, result);
});

const { hostname, port } = new URL(issuer);
provider.listen(Number(port), hostname, () => console.log("ready"));

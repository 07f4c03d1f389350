// A certified OpenID provider on loopback. Whoever types a name is signed in as it: "!" in front means that the
// mail address was never verified.
// Usage: node provider.mjs <port> <client id> <client secret> <redirect uri> <sign-out uri>
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [port, client_id, client_secret, redirectUri, signedOutUri] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "first" };

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    { client_id, client_secret, redirect_uris: [redirectUri], post_logout_redirect_uris: [signedOutUri] },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false, // the id token itself carries the mail address, as Entra ID's and Keycloak's do
  jwks: { keys: [key] },
  cookies: { keys: ["a key of this test only"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id.replace(/^!/, ""),
      email_verified: !id.startsWith("!"),
      name: id,
    }),
  }),
});
provider.on("server_error", (_, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));

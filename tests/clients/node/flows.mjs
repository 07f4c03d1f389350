// One flow of @azure/msal-node, unmodified, named on the command line; settings come as JSON, the answer goes out as JSON.
import { ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node'

const [flow, text] = process.argv.slice(2)
const given = JSON.parse(text)
const host = new URL(given.url).host
const auth = { clientId: given.clientId, authority: `${given.url}/${given.tenant}`, knownAuthorities: [host] }
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
const seen = (answer) => ({
  tokenType: answer.tokenType,
  fromCache: answer.fromCache,
  scopes: answer.scopes,
  username: answer.account?.username ?? null,
  tenantId: answer.tenantId,
})

const flows = {
  async secret() {
    const app = new ConfidentialClientApplication({ auth: { ...auth, clientSecret: given.secret } })
    const first = await app.acquireTokenByClientCredential({ scopes: given.scopes })
    const second = await app.acquireTokenByClientCredential({ scopes: given.scopes })
    say([seen(first), seen(second)])
  },
  async certificate() {
    const clientCertificate = { thumbprintSha256: given.thumbprint, privateKey: given.privateKey }
    const app = new ConfidentialClientApplication({ auth: { ...auth, clientCertificate } })
    say(seen(await app.acquireTokenByClientCredential({ scopes: given.scopes })))
  },
  async device() {
    const app = new PublicClientApplication({ auth })
    const answer = await app.acquireTokenByDeviceCode({
      scopes: given.scopes,
      deviceCodeCallback: ({ userCode, verificationUri }) => say({ userCode, verificationUri }),
    })
    const silent = await app.acquireTokenSilent({ account: answer.account, scopes: given.scopes, forceRefresh: true })
    say([seen(answer), seen(silent)])
  },
  async wrong() {
    const app = new ConfidentialClientApplication({ auth: { ...auth, clientSecret: 'wrong' } })
    try {
      await app.acquireTokenByClientCredential({ scopes: given.scopes })
    } catch (error) {
      say({ code: error.errorCode, message: error.errorMessage })
    }
  },
}

await flows[flow]()

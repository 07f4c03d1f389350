// Sign-in pages: the answer that posts itself, passkeys, and the way on after signing out. Pages work without but passkeys.
for (const form of document.querySelectorAll('form[data-at-once]')) form.submit()

const leaving = document.querySelector('[data-onward]')
if (leaving) {
  const frames = [...document.querySelectorAll('iframe')]
  const loaded = Promise.all(frames.map((frame) => new Promise((done) => frame.addEventListener('load', done))))
  const enough = new Promise((done) => setTimeout(done, 2000))
  Promise.race([loaded, enough]).then(() => location.assign(leaving.dataset.onward))
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue
  form.hidden = false
  form.addEventListener('submit', async (happened) => {
    const field = form.elements.namedItem('credential')
    if (field.value) return
    happened.preventDefault()
    const options = JSON.parse(form.dataset.options)
    try {
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      field.value = JSON.stringify(credential.toJSON())
      form.submit()
    } catch {
      form.querySelector('[data-passkey-problem]').hidden = false
    }
  })
}

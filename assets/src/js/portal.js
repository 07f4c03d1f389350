// The portal's behaviour beyond HTML: htmx, and small helpers that pages work without.
import htmx from 'htmx.org/dist/htmx.esm.js'

window.htmx = htmx
htmx.config.includeIndicatorCSS = false
const root = document.documentElement

/** Every listener is on the document, so that what htmx swaps in needs no setting up. */
function on(event, selector, act, options) {
  document.addEventListener(event, (happened) => {
    const target = happened.target instanceof Element ? happened.target.closest(selector) : null
    if (target) act(target, happened)
  }, options)
}

function announce(text, tone = 'success') {
  const box = document.getElementById('toasts')
  const shape = box?.querySelector(`template[data-tone="${tone}"]`)
  if (!shape) return
  const toast = shape.content.firstElementChild.cloneNode(true)
  toast.querySelector('.message__text').textContent = text
  box.append(toast)
  setTimeout(() => toast.remove(), 6000)
}

document.addEventListener('toast', ({ detail }) => announce(detail.text ?? detail.value, detail.tone))

// Light and dark: the form works by itself, here it acts without leaving the page.
on('submit', 'form[data-theme-switch]', (form, happened) => {
  happened.preventDefault()
  const theme = happened.submitter?.value ?? 'system'
  if (theme === 'system') delete root.dataset.theme
  else root.dataset.theme = theme
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.value === theme))
  document.dispatchEvent(new CustomEvent('themechange'))
})

on('click', '[data-copy]', async (button) => {
  const field = document.getElementById(button.dataset.copy)
  const text = field.value ?? field.textContent
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    field.select?.()
    document.execCommand('copy')
  }
  announce('Copied.')
})

on('click', '[data-reveal]', (button) => {
  const field = document.getElementById(button.dataset.reveal)
  const shown = field.type === 'password'
  field.type = shown ? 'text' : 'password'
  button.setAttribute('aria-pressed', String(shown))
})

on('click', '[data-dismiss]', (button) => button.closest('.message')?.remove())

on('change', '[data-select-all]', (box) => {
  for (const other of box.closest('table').querySelectorAll('tbody input[name="selected"]')) other.checked = box.checked
})

// A click anywhere in a row follows its link, unless it meant something in the row, or marked text to copy.
on('click', '.table tbody tr', (row, happened) => {
  const link = row.querySelector('.table__link')
  if (!link || happened.target.closest('a, button, input, label, select, summary, dialog, [popover]') || String(getSelection())) return
  if (happened.ctrlKey || happened.metaKey) window.open(link.href)
  else link.click()
})

on('change', '[data-submit-on-change]', (field) => field.form.requestSubmit())

// A form that was sent once is not sent twice.
on('submit', 'form[method="post"]', (form, happened) => {
  if (form.dataset.sent) return happened.preventDefault()
  form.dataset.sent = 'yes'
  setTimeout(() => delete form.dataset.sent, 8000)
})
addEventListener('pageshow', () => { for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent })

// "/" goes to the search box, arrow keys move inside menus.
document.addEventListener('keydown', (happened) => {
  const typing = happened.target.closest?.('input, textarea, select, [contenteditable]')
  if (happened.key === '/' && !typing && !happened.ctrlKey && !happened.metaKey) {
    const search = document.querySelector('.toolbar input[type="search"]') ?? document.querySelector('.topbar input[type="search"]')
    if (search) { happened.preventDefault(); search.focus() }
  }
  const menu = happened.target.closest?.('.popover')
  if (menu && !typing && ['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(happened.key)) {
    const items = [...menu.querySelectorAll('a[href], button:not([disabled])')]
    const now = items.indexOf(document.activeElement)
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[happened.key]
    items.at(next % items.length)?.focus()
    happened.preventDefault()
  }
})
on('toggle', '.popover', (menu, happened) => {
  if (happened.newState === 'open') menu.querySelector('a[href], button:not([disabled]), input')?.focus()
}, true)

// Browsers without invoker commands open and close dialogs here.
if (!('commandForElement' in HTMLButtonElement.prototype)) {
  on('click', 'button[commandfor]', (button, happened) => {
    const dialog = document.getElementById(button.getAttribute('commandfor'))
    happened.preventDefault()
    if (button.getAttribute('command') === 'show-modal') dialog.showModal()
    else dialog.close()
  })
}

// Links of the admin center keep the page in the fragment, which no server sees: go on to the page of that name.
if (document.querySelector('[data-follow-fragment]')) {
  const follow = () => {
    const path = location.hash.slice(1)
    if (/^\/(partners|billingaccounts)(\/[\w-]+)*$/i.test(path)) location.replace(path + location.search)
  }
  addEventListener('hashchange', follow)
  follow()
}

// An address says only what differs from the plain list.
document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
  const body = ctx.request.body
  const form = ctx.sourceElement.closest('form.toolbar')
  if (!form || !(body instanceof FormData)) return
  for (const [name, value] of [...body]) if (value === '') body.delete(name)
  const boxes = [...form.querySelectorAll('input[name="columns"]')]
  if (boxes.every((box) => box.checked === box.hasAttribute('data-default'))) body.delete('columns')
})

// Tabs that do not fit show the one that is open.
for (const tab of document.querySelectorAll('.tabs [aria-current]')) {
  const row = tab.parentElement
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2
}

// The error summary takes the focus, so that a refused form is heard.
document.querySelector('.error-summary')?.focus()

document.addEventListener('htmx:before:request', ({ target }) => target.closest?.('.listing')?.setAttribute('aria-busy', 'true'))
document.addEventListener('htmx:finally:request', () => { for (const list of document.querySelectorAll('.listing[aria-busy]')) list.removeAttribute('aria-busy') })

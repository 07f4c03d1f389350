// Builds what the portal's pages load: style sheets, scripts, the icon sprite and fonts, with content-hashed
// names and a manifest. Run by scripts/build_assets.py: `node build.mjs OUT_DIR`.
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { webDarkTheme, webLightTheme } from '@fluentui/tokens'
import { build } from 'esbuild'

const out = process.argv[2]
const icons = (await readFile('icons.txt', 'utf8')).split('\n').filter(Boolean)
const hash = (content) => createHash('sha256').update(content).digest('hex').slice(0, 10)

const COLOUR = /^(#[0-9a-f]{3,8}|rgba?\([^)]*\)|transparent)$/i
const RGBA = /rgba?\([^)]*\)/g

/** One declaration that holds in light and dark: `light-dark()` follows `color-scheme`, so the switch is one attribute. */
function declaration(name) {
  const light = String(webLightTheme[name])
  const dark = String(webDarkTheme[name])
  if (light === dark) return `--${name}:${light};`
  if (COLOUR.test(light) && COLOUR.test(dark)) return `--${name}:light-dark(${light},${dark});`
  const shades = dark.match(RGBA)
  let next = 0
  const both = light.replace(RGBA, (shade) => `light-dark(${shade},${shades[next++]})`)
  if (!shades || next !== shades.length) throw new Error(`Token ${name} has no form for light and dark.`)
  return `--${name}:${both};`
}

/** Only the tokens that are used, so that the first style sheet stays small. */
async function tokensUsed(texts) {
  const used = new Set(texts.flatMap((text) => [...text.matchAll(/--([A-Za-z0-9]+)/g)].map((match) => match[1])))
  return [...used].filter((name) => name in webLightTheme).sort()
}

async function sprite() {
  const symbols = []
  for (const name of icons) {
    for (const style of ['regular', 'filled']) {
      if (style === 'filled' && !FILLED.has(name)) continue
      const svg = await readFile(`node_modules/@fluentui/svg-icons/icons/${name}_20_${style}.svg`, 'utf8')
      const inner = svg.replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')
      const id = style === 'filled' ? `${name}_filled` : name
      symbols.push(`<symbol id="${id}" viewBox="0 0 20 20">${inner}</symbol>`)
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`
}

// Those with a filled twin: shown where something is current or has a tone.
const FILLED = new Set([
  'alert', 'board', 'building', 'cart', 'certificate', 'checkmark_circle', 'circle', 'data_trending', 'dismiss_circle',
  'error_circle', 'flag', 'gift', 'handshake', 'history', 'home', 'info', 'money', 'people', 'person_support', 'premium', 'receipt',
  'reward', 'settings', 'shield', 'star', 'tag', 'wallet', 'warning', 'building_shop', 'task_list_square_ltr',
])

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })

const sheets = await Promise.all((await readdir('src/css')).map((name) => readFile(join('src/css', name), 'utf8')))
const scripts = await Promise.all((await readdir('src/js')).map((name) => readFile(join('src/js', name), 'utf8')))
const tokens = await tokensUsed([...sheets, ...scripts])
const tokenSheet = `:root{${tokens.map(declaration).join('')}}\n`

const result = await build({
  entryPoints: { app: 'src/css/app.css', portal: 'src/js/portal.js', chart: 'src/js/chart.js' },
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome123', 'firefox125', 'safari17.5'],
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file' },
  legalComments: 'linked',
  outdir: out,
  metafile: true,
  logLevel: 'warning',
  plugins: [{
    name: 'tokens',
    setup(build) {
      build.onResolve({ filter: /^fluent-tokens$/ }, () => ({ path: 'fluent-tokens.css', namespace: 'tokens' }))
      build.onLoad({ filter: /.*/, namespace: 'tokens' }, () => ({ contents: tokenSheet, loader: 'css' }))
    },
  }],
})

const files = {}
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint) continue
  const name = basename(path)
  files[name.replace(/-[A-Z0-9]{8}\./, '.')] = name
}
const icon = await sprite()
files['icons.svg'] = `icons-${hash(icon)}.svg`
await writeFile(join(out, files['icons.svg']), icon)
const favicon = await readFile('src/favicon.svg')
files['favicon.svg'] = `favicon-${hash(favicon)}.svg`
await writeFile(join(out, files['favicon.svg']), favicon)
const ids = [...icon.matchAll(/symbol id="([^"]+)"/g)].map((match) => match[1])
await writeFile(join(out, 'manifest.json'), JSON.stringify({ files, icons: ids }, null, 1))

for (const [name, file] of Object.entries(files)) {
  const content = await readFile(join(out, file))
  console.log(`${name.padEnd(12)} ${String(content.length).padStart(8)} B ${String(gzipSync(content).length).padStart(8)} B gz`)
}

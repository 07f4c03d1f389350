// Draws the charts of a page. Loaded by pages that have one; the table beneath says the same in words.
import { BarChart, LineChart, PieChart } from 'echarts/charts'
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

echarts.use([AriaComponent, BarChart, CanvasRenderer, DatasetComponent, GridComponent, LegendComponent, LineChart, MarkLineComponent, PieChart, TooltipComponent])

const drawn = new Map()

/** A token's colour as the browser resolves it now, light or dark. */
function colour(name) {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}

function option(given) {
  const text = colour('--colorNeutralForeground2')
  const faint = colour('--colorNeutralStroke3')
  const axis = {
    axisLabel: { color: text },
    axisLine: { lineStyle: { color: colour('--colorNeutralStroke1') } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: faint } },
  }
  const money = given.currency ? new Intl.NumberFormat(given.locale, { style: 'currency', currency: given.currency }) : null
  const format = (value) => (typeof value !== 'number' ? value : money ? money.format(value) : new Intl.NumberFormat(given.locale).format(value))
  const compact = new Intl.NumberFormat(given.locale, { notation: 'compact' })
  const common = {
    aria: { enabled: true, decal: { show: matchMedia('(prefers-contrast: more)').matches } },
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    color: ['--colorPaletteBlueBorderActive', '--colorPaletteTealBorderActive', '--colorPalettePurpleBorderActive', '--colorPaletteMarigoldBorderActive', '--colorPaletteCranberryBorderActive', '--colorPaletteForestBorderActive'].map(colour),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
    // Drawn on the canvas: an HTML tool tip would carry inline styles, which the page's policy refuses.
    tooltip: { renderMode: 'richText', trigger: given.kind === 'pie' ? 'item' : 'axis', valueFormatter: format, backgroundColor: colour('--colorNeutralBackground1'), borderColor: faint, textStyle: { color: colour('--colorNeutralForeground1') } },
    legend: given.series.length > 1 || given.kind === 'pie' ? { bottom: 0, icon: 'roundRect', itemWidth: 12, itemHeight: 12, textStyle: { color: text } } : undefined,
  }
  if (given.kind === 'pie') {
    const data = given.categories.map((name, i) => ({ name, value: given.series[0].values[i] }))
    return { ...common, series: [{ type: 'pie', radius: ['48%', '72%'], center: ['50%', '44%'], data, label: { show: false }, itemStyle: { borderColor: colour('--colorNeutralBackground1'), borderWidth: 2 } }] }
  }
  const series = given.series.map(({ name, values }) => ({
    name, data: values, type: given.kind === 'line' ? 'line' : 'bar', stack: given.stacked ? 'all' : undefined, barMaxWidth: 32, symbolSize: 6, lineStyle: { width: 2 },
    itemStyle: given.kind === 'line' ? undefined : given.stacked ? { borderColor: colour('--colorNeutralBackground1'), borderWidth: 1 } : { borderRadius: [3, 3, 0, 0] },
  }))
  return {
    ...common,
    grid: { left: 8, right: 16, top: 16, bottom: common.legend ? 36 : 8, outerBoundsMode: 'same' },
    xAxis: { type: 'category', data: given.categories, ...axis },
    yAxis: { type: 'value', ...axis, axisLabel: { color: text, formatter: (value) => compact.format(value) } },
    series,
  }
}

function draw(box) {
  const given = JSON.parse(document.getElementById(box.dataset.chart).textContent)
  box.dataset.chartReady = ''
  const chart = drawn.get(box) ?? echarts.init(box)
  drawn.set(box, chart)
  chart.setOption(option(given), true)
}

function drawAll() {
  for (const [box, chart] of drawn) {
    if (!box.isConnected) { chart.dispose(); drawn.delete(box) }
  }
  for (const box of document.querySelectorAll('[data-chart]')) draw(box)
}

drawAll()
document.addEventListener('htmx:after:swap', drawAll)
document.addEventListener('themechange', drawAll)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll)
addEventListener('resize', () => { for (const chart of drawn.values()) chart.resize() })

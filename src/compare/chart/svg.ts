/** Colours of the series on light and on dark ground (after Okabe and Ito, who keep them apart for most eyes). */
const series = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#ff9752'],
  ['#00795a', '#2fd3a5'],
  ['#b0417f', '#f09acb'],
  ['#8a6500', '#f0c14a'],
  ['#6a4c93', '#b79ae6'],
  ['#4f5b66', '#b8c4cf'],
  ['#a11d33', '#ff8a98'],
] as const;

const dashes = ['none', '7 3', '2 3', '9 3 2 3'];

/** How the series with a number is drawn: its colour is a class, its dashes tell series of one colour apart and print well. */
export function styleOf(number: number): { stroke: string; fill: string; dash: string } {
  const colour = number % series.length;
  const turn = number + Math.floor(number / series.length); // the colours' second turn has other dashes than the first
  return { stroke: `s${colour}`, fill: `f${colour}`, dash: dashes[turn % dashes.length]! };
}

function colours(ground: string, ink: string, faint: string, shade: 0 | 1): string {
  return [
    `.ground{fill:${ground}}.ink{fill:${ink}}.axis{stroke:${ink}}.grid{stroke:${faint}}`,
    ...series.map((pair, i) => `.s${i}{stroke:${pair[shade]}}.f${i}{fill:${pair[shade]}}`),
  ].join('');
}

const style = [
  'text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;font-size:13px}.head{font-size:15px;font-weight:600}',
  colours('#ffffff', '#1f2328', '#dde1e6', 0),
  `@media (prefers-color-scheme:dark){${colours('#0d1117', '#e6edf3', '#30363d', 1)}}`,
].join('');

/** Text as XML takes it, without the characters that XML has no way to write. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (c) => entities[c]!);
}

/** Attributes as they stand in a tag; numbers to a hundredth. */
export function element(name: string, attributes: Record<string, string | number>, content?: string): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeXml(typeof value === 'number' ? String(Number(value.toFixed(2))) : value)}"`,
  );
  return `<${name}${written.join('')}${content === undefined ? '/>' : `>${content}</${name}>`}`;
}

export const label = (x: number, y: number, text: string, attributes: Record<string, string> = {}): string =>
  element('text', { x, y, class: 'ink', ...attributes }, escapeXml(text));

/** A whole file: what it shows is said for readers that do not see. */
export function svgFile(
  { width, height, title, description }: { width: number; height: number; title: string; description: string },
  content: readonly string[],
): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-labelledby': 'title desc',
  };
  const head = [
    element('title', { id: 'title' }, escapeXml(title)),
    element('desc', { id: 'desc' }, escapeXml(description)),
    element('style', {}, style),
    element('rect', { class: 'ground', width, height }),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('svg', attributes, `\n${[...head, ...content].join('\n')}\n`)}\n`;
}

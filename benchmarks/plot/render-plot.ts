/** What one contestant reached, by the number of its callers. */
export interface Line {
  name: string;
  points: { callers: number; perSecond: number; p50Ms: number }[];
}

const PANEL = { width: 400, height: 300, left: 56, top: 36, gap: 84 };
const LEGEND_HEIGHT = 60;
const WIDTH = PANEL.left + 2 * PANEL.width + PANEL.gap + 24;
const HEIGHT = PANEL.top + PANEL.height + 48 + LEGEND_HEIGHT;
/** Told apart also by those who see few colours, on light and dark pages. */
const COLOURS = ['#8c8c8c', '#0072b2', '#009e73', '#d55e00', '#cc79a7'];

type Value = (point: Line['points'][number]) => number;
type Scale = (value: number) => number;

/** Renders two panels with logarithmic axes as SVG: calls per second, and the median latency. */
export function renderPlot(lines: readonly Line[]): string {
  const panels = [
    panel(lines, 'calls per second', ({ perSecond }) => perSecond, PANEL.left),
    panel(lines, 'median latency, ms', ({ p50Ms }) => p50Ms, PANEL.left + PANEL.width + PANEL.gap),
  ];
  const legend = lines.map(({ name }, index) => {
    const x = PANEL.left + (index % 3) * 290;
    const y = PANEL.top + PANEL.height + 60 + Math.floor(index / 3) * 24;
    const swatch = `<line x1="${x}" y1="${y - 4}" x2="${x + 22}" y2="${y - 4}" stroke="${colour(index)}" stroke-width="3"/>`;
    return `${swatch}<text x="${x + 30}" y="${y}">${escaped(name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" fill="#222">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...panels,
    ...legend,
    '</svg>\n',
  ].join('\n');
}

function panel(lines: readonly Line[], title: string, value: Value, left: number): string {
  const points = lines.flatMap((line) => line.points);
  const callers = [...new Set(points.map((point) => point.callers))].sort((a, b) => a - b);
  const x = logScale(callers, left, left + PANEL.width);
  const decades = decadesAround(points.map(value));
  const bottom = PANEL.top + PANEL.height;
  const y = logScale(decades, bottom, PANEL.top);
  const grid = decades.map(
    (decade) =>
      `<line x1="${left}" x2="${left + PANEL.width}" y1="${y(decade)}" y2="${y(decade)}" stroke="#ddd"/>` +
      `<text x="${left - 8}" y="${y(decade) + 4}" text-anchor="end">${decade}</text>`,
  );
  const ticks = callers.map(
    (count) => `<text x="${x(count)}" y="${bottom + 20}" text-anchor="middle">${count}</text>`,
  );
  return [
    `<text x="${left}" y="${PANEL.top - 14}" font-weight="bold">${title}</text>`,
    ...grid,
    ...ticks,
    `<text x="${left + PANEL.width}" y="${bottom + 36}" text-anchor="end">callers</text>`,
    ...lines.map((line, index) => curve(line, { x, y, value, colour: colour(index) })),
  ].join('\n');
}

function curve(
  { points }: Line,
  { x, y, value, colour: stroke }: { x: Scale; y: Scale; value: Value; colour: string },
): string {
  const at = points.map((point) => [x(point.callers), y(value(point))] as const);
  const path = at.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(' ');
  const dots = at.map(
    ([left, top]) =>
      `<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="3" fill="${stroke}"/>`,
  );
  return `<polyline points="${path}" fill="none" stroke="${stroke}" stroke-width="2"/>${dots.join('')}`;
}

function decadesAround(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

/** Maps the first value to `from` and the last one to `to`. */
function logScale(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.log(values[0] ?? 1), Math.log(values.at(-1) ?? 1)];
  return (value) => from + ((Math.log(value) - low) / (high - low || 1)) * (to - from);
}

const colour = (index: number) => COLOURS[index % COLOURS.length] ?? '#000';
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

// The drawings of an instrument as files: SVG with all styles written into it, or PNG.

export interface Drawn {
  title: string;
  svg: SVGSVGElement;
  canvas: HTMLCanvasElement | null;
}

/** The figures that have one drawing. */
export function figures(root: HTMLElement): Drawn[] {
  return [...root.querySelectorAll('figure')].flatMap((figure) => {
    const title = figure.dataset.title ?? figure.querySelector('h2')?.textContent ?? '';
    const svg = [...figure.querySelectorAll('svg')].find((one) => one.clientWidth > 120);
    return svg && title !== 'Derivation'
      ? [{ title, svg, canvas: figure.querySelector('canvas') }]
      : [];
  });
}

const STYLES = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap',
  'opacity', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'paint-order', 'color',
]; // prettier-ignore

/** A copy that needs no style sheet. */
function alone({ svg, canvas }: Drawn): { text: string; width: number; height: number } {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [from, to] = [svg.querySelectorAll('*'), copy.querySelectorAll('*')];
  from.forEach((element, i) => {
    const computed = getComputedStyle(element);
    for (const name of STYLES)
      (to[i] as SVGElement).style?.setProperty(name, computed.getPropertyValue(name));
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute(
    'viewBox',
    svg.getAttribute('viewBox') ?? `-8 -14 ${width + 16} ${height + 22}`,
  );
  copy.setAttribute('width', String(width + 16));
  copy.setAttribute('height', String(height + 22));
  const add = (name: string, attributes: Record<string, string | number>) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    copy.prepend(element);
  };
  if (canvas) add('image', { href: canvas.toDataURL(), width, height: canvas.clientHeight });
  const paper = getComputedStyle(svg.closest('.chainrule')!).backgroundColor;
  add('rect', { x: -8, y: -14, width: '200%', height: '200%', fill: paper });
  const text = new XMLSerializer().serializeToString(copy);
  return { text, width: width + 16, height: height + 22 };
}

/** Saves a figure. */
export async function picture(drawn: Drawn, format: 'svg' | 'png'): Promise<void> {
  const { text, width, height } = alone(drawn);
  const name = drawn.title.toLowerCase().replace(/\W+/g, '-').replace(/-$/, '');
  if (format === 'svg') return save(new Blob([text], { type: 'image/svg+xml' }), `${name}.svg`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
  if (blob) save(blob, `${name}.png`);
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// An equation in pieces that a narrow page can wrap: one <math> up to each relation and each sum at the top.

const OPEN = '<math xmlns="http://www.w3.org/1998/Math/MathML" displaystyle="true">';

/** The elements inside a string of MathML, one level deep, as strings. Text outside of elements is kept. */
function children(markup: string): string[] {
  const found: string[] = [];
  const tag = /<(\/?)([a-z]+)((?:"[^"]*"|[^>"])*?)(\/?)>/g;
  let depth = 0;
  let start = 0;
  for (let match = tag.exec(markup); match; match = tag.exec(markup)) {
    const [all, closing, , , empty] = match;
    if (!closing && depth === 0) start = match.index;
    depth += closing ? -1 : empty ? 0 : 1;
    if (depth === 0) found.push(markup.slice(start, match.index + all.length));
  }
  return found;
}

const bare = (element: string) => /^<(?:math|mrow)(?:\s+(?!data-)[a-z:]+="[^"]*")*>/.test(element);
const inner = (element: string) =>
  element.slice(element.indexOf('>') + 1, element.lastIndexOf('<'));
const operator = (element: string) => /^<mo[^>]*>(.)<\/mo>$/u.exec(element)?.[1] ?? '';

/** Whether a group is too long to be kept on one line of a phone, or of a table's cell. */
const isLong = (element: string) => element.replace(/<[^>]*>/g, '').length > 18;

/** Whether a group has a sum at its top, and is not held together by fences. */
function isSum(element: string): boolean {
  const parts = children(inner(element));
  if (parts[0]?.includes('fence=')) return isLong(element) && parts.slice(1, -1).some(isSum);
  return parts.some((part) => /^[+−∘]$/.test(operator(part)));
}

/** The pieces of an equation, each a whole <math>. */
export function pieces(markup: string): string[] {
  let parts = children(markup);
  while (parts.length === 1 && bare(parts[0])) parts = children(inner(parts[0]));
  const found: string[] = [];
  let now = '';
  let relations = 0;
  const flush = () => {
    if (now) found.push(`${OPEN}<mrow>${now}</mrow></math>`);
    now = '';
  };
  const add = (element: string) => {
    const sign = operator(element);
    if (sign === '=' || sign === '←') {
      if (relations++ > 0) flush();
      now += element;
    } else if (
      (sign === '+' || sign === '−' || sign === '∘') &&
      relations > 0 &&
      !now.endsWith('</mo>')
    ) {
      flush();
      now += element.replace('<mo>', '<mo form="infix" lspace="0" rspace="0.22em">');
    } else if (bare(element) && relations > 0 && isSum(element))
      children(inner(element)).forEach(add);
    else now += element;
  };
  parts.forEach(add);
  flush();
  return found.length ? found : [markup];
}
